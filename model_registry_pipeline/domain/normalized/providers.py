"""One id a provider, whatever a source calls it. A spelling that stands nowhere here is the id.

The ids are lower case with underscores, and those of the sources that are first-party lists. Companies that run
separate platforms stay separate, since their prices and models differ: Alibaba Cloud international and China, Z.ai and
Zhipu, Azure OpenAI and Azure AI Foundry and Cognitive Services, Mistral's platform and the endpoint of Codestral (which
costs nothing), Bedrock's own API and Mantle. Several APIs to one platform are one: Bedrock's Converse and Invoke,
Vertex AI and its Anthropic models, chats and completions.
"""

_SPELLINGS = {
    "ai21": ("ai21labs", "ai21-labs"),
    "alibaba": ("dashscope",),
    "amazon_nova": ("amazon-nova",),
    "anthropic": ("anthropic_text",),
    "azure": ("azure_openai", "azure-openai", "azure_text"),
    "azure_ai": ("azure-ai",),
    "bedrock": ("aws", "amazon-bedrock", "amazon_bedrock", "aws-bedrock", "bedrock_converse"),
    "bedrock_mantle": ("bedrock-mantle",),
    "cloudflare_ai_gateway": ("cloudflare-ai-gateway",),
    "cloudflare_workers_ai": ("cloudflare", "cloudflare-workers-ai", "workers-ai"),
    "codestral": ("text-completion-codestral",),
    "cohere": ("cohere_chat",),
    "deepinfra": ("deep_infra", "deep-infra"),
    "fireworks": ("fireworks_ai", "fireworks-ai", "fireworks_ai-embedding-models"),
    "friendli": ("friendliai",),
    "github_copilot": ("github-copilot",),
    "github_models": ("github-models", "github"),
    "gmi": ("gmicloud",),
    "google": ("gemini", "google_ai_studio", "google-ai-studio", "google-gemini", "palm"),
    "huggingface": ("hugging-face", "hugging_face"),
    "inception": ("text-completion-inception",),
    "jina": ("jina_ai", "jina-ai"),
    "lambda": ("lambda_ai", "lambda-ai"),
    "meta": ("llama", "meta_llama", "meta-llama"),
    "mistral": ("mistralai", "mistral-ai"),
    "moonshot": ("moonshotai",),
    "nebius": ("nebius-ai", "nebius_ai"),
    "novita": ("novita-ai", "novita_ai"),
    "nvidia": ("nvidia_nim", "nvidia-nim"),
    "openai": ("text-completion-openai",),
    "perplexity": ("perplexity-ai", "perplexity_ai"),
    "sambanova": ("sambanova-ai",),
    "snowflake": ("snowflake-cortex",),
    "together": ("togetherai", "together_ai", "together-ai"),
    "vercel_ai_gateway": ("vercel", "vercel-ai-gateway"),
    "vertex": ("google-vertex", "google_vertex", "google-vertex-anthropic", "vertex_ai", "vertex-ai"),
    "voyage": ("voyageai", "voyage-ai"),
    "xai": ("x-ai", "x_ai"),
    "zai": ("z-ai", "z_ai"),
}
_IDS = {spelling: provider_id for provider_id, spellings in _SPELLINGS.items() for spelling in spellings}
_LITELLM_VERTEX = "vertex_ai-"
"""LiteLLM tells Vertex' model families apart: `vertex_ai-anthropic_models`, `vertex_ai-language-models` …"""


def provider_id_of(stated: str) -> str:
    """The provider that a source means by a spelling."""
    if stated.startswith(_LITELLM_VERTEX):
        return "vertex"
    return _IDS.get(stated.lower(), stated)


def spelling_of(stated: str) -> str | None:
    """The source's spelling, where it is not the provider's id: what `provider_as_stated` holds."""
    return None if provider_id_of(stated) == stated else stated
