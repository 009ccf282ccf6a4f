"""NVIDIA NIM: the models that NVIDIA hosts; its list tells ids and nothing else."""

from model_registry_pipeline.domain.source import BearerToken
from model_registry_pipeline.sources.formats.openai_list import openai_list

SOURCE = openai_list(
    name="nvidia_nim",
    label="NVIDIA NIM",
    base_url="https://integrate.api.nvidia.com/v1",
    auth=BearerToken("NVIDIA_API_KEY", required=False, others=("NVIDIA_NIM_API_KEY",)),
    provider_id="nvidia",
    website="https://build.nvidia.com/models",
    documentation="https://docs.api.nvidia.com/nim/reference/llm-apis",
    terms="NVIDIA API Trial Terms of Service",
    about="First-party: which models NVIDIA's hosted endpoints serve now.",
    authoritative_for="Which models NVIDIA hosts.",
    oddities=(
        "`created` is 735790403 (1993-04-26) on every row: no date.",
        "`openai/gpt-oss-120b` and `openai/gpt-oss-20b` are listed twice, with the same facts: one offering each.",
        "`owned_by` is what stands before the slash of the id.",
    ),
    evidence="1 recorded answer of 2026-02; 36 more of 2026-06 and 2026-07 that somebody regrouped are no answers of"
    " the API, and give the same facts when they are put back into its form.",
)
