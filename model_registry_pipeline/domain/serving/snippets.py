"""The texts of the quickstarts, by protocol and kind of model. `<model>` is filled in quoted, `<path>` as of a URL."""

from collections.abc import Mapping

from model_registry_pipeline.domain.records import Kind

_OPENAI = {
    "python": """\
# pip install openai
import os

from openai import OpenAI

client = OpenAI(base_url="<api>", api_key=<key>)
answer = client.chat.completions.create(
    model=<model>,
    messages=[{"role": "user", "content": "Say hello."}],
)
print(answer.choices[0].message.content)
""",
    "javascript": """\
// npm install openai
import OpenAI from "openai";

const client = new OpenAI({ baseURL: "<api>", apiKey: <key> });
const answer = await client.chat.completions.create({
  model: <model>,
  messages: [{ role: "user", content: "Say hello." }],
});
console.log(answer.choices[0].message.content);
""",
    "curl": """\
curl "<api>/chat/completions"
  -H "Authorization: Bearer <key>"
  -H "Content-Type: application/json"
{"model": <model>, "messages": [{"role": "user", "content": "Say hello."}]}
""",
}

_OPENAI_EMBEDDING = {
    "python": """\
# pip install openai
import os

from openai import OpenAI

client = OpenAI(base_url="<api>", api_key=<key>)
answer = client.embeddings.create(model=<model>, input="Hello.")
print(len(answer.data[0].embedding))
""",
    "javascript": """\
// npm install openai
import OpenAI from "openai";

const client = new OpenAI({ baseURL: "<api>", apiKey: <key> });
const answer = await client.embeddings.create({ model: <model>, input: "Hello." });
console.log(answer.data[0].embedding.length);
""",
    "curl": """\
curl "<api>/embeddings"
  -H "Authorization: Bearer <key>"
  -H "Content-Type: application/json"
{"model": <model>, "input": "Hello."}
""",
}

_ANTHROPIC = {
    "python": """\
# pip install anthropic
import os

from anthropic import Anthropic

client = Anthropic(base_url="<root>", api_key=<key>)
answer = client.messages.create(
    model=<model>,
    max_tokens=1024,
    messages=[{"role": "user", "content": "Say hello."}],
)
print(answer.content)
""",
    "javascript": """\
// npm install @anthropic-ai/sdk
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({ baseURL: "<root>", apiKey: <key> });
const answer = await client.messages.create({
  model: <model>,
  max_tokens: 1024,
  messages: [{ role: "user", content: "Say hello." }],
});
console.log(answer.content);
""",
    "curl": """\
curl "<api>/messages"
  -H "x-api-key: <key>"
  -H "anthropic-version: 2023-06-01"
  -H "Content-Type: application/json"
{"model": <model>, "max_tokens": 1024, "messages": [{"role": "user", "content": "Say hello."}]}
""",
}

_GOOGLE = {
    "python": """\
# pip install google-genai
import os

from google import genai

client = genai.Client(api_key=<key>)
answer = client.models.generate_content(model=<model>, contents="Say hello.")
print(answer.text)
""",
    "javascript": """\
// npm install @google/genai
import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({ apiKey: <key> });
const answer = await client.models.generateContent({ model: <model>, contents: "Say hello." });
console.log(answer.text);
""",
    "curl": """\
curl "<api>/models/<path>:generateContent"
  -H "x-goog-api-key: <key>"
  -H "Content-Type: application/json"
{"contents": [{"parts": [{"text": "Say hello."}]}]}
""",
}

_GOOGLE_EMBEDDING = {
    "python": """\
# pip install google-genai
import os

from google import genai

client = genai.Client(api_key=<key>)
answer = client.models.embed_content(model=<model>, contents="Hello.")
print(len(answer.embeddings[0].values))
""",
    "javascript": """\
// npm install @google/genai
import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({ apiKey: <key> });
const answer = await client.models.embedContent({ model: <model>, contents: "Hello." });
console.log(answer.embeddings[0].values.length);
""",
    "curl": """\
curl "<api>/models/<path>:embedContent"
  -H "x-goog-api-key: <key>"
  -H "Content-Type: application/json"
{"content": {"parts": [{"text": "Hello."}]}}
""",
}

_COHERE = {
    "python": """\
# pip install cohere
import os

import cohere

client = cohere.ClientV2(api_key=<key>)
answer = client.chat(model=<model>, messages=[{"role": "user", "content": "Say hello."}])
print(answer.message.content)
""",
    "javascript": """\
// npm install cohere-ai
import { CohereClientV2 } from "cohere-ai";

const client = new CohereClientV2({ token: <key> });
const answer = await client.chat({ model: <model>, messages: [{ role: "user", content: "Say hello." }] });
console.log(answer.message.content);
""",
    "curl": """\
curl "<api>/chat"
  -H "Authorization: Bearer <key>"
  -H "Content-Type: application/json"
{"model": <model>, "messages": [{"role": "user", "content": "Say hello."}]}
""",
}

_COHERE_EMBEDDING = {
    "python": """\
# pip install cohere
import os

import cohere

client = cohere.ClientV2(api_key=<key>)
answer = client.embed(
    model=<model>, texts=["Hello."], input_type="search_document", embedding_types=["float"]
)
print(len(answer.embeddings.float_[0]))
""",
    "javascript": """\
// npm install cohere-ai
import { CohereClientV2 } from "cohere-ai";

const client = new CohereClientV2({ token: <key> });
const answer = await client.embed({
  model: <model>,
  texts: ["Hello."],
  inputType: "search_document",
  embeddingTypes: ["float"],
});
console.log(answer.embeddings.float[0].length);
""",
    "curl": """\
curl "<api>/embed"
  -H "Authorization: Bearer <key>"
  -H "Content-Type: application/json"
{"model": <model>, "texts": ["Hello."], "input_type": "search_document", "embedding_types": ["float"]}
""",
}

_COHERE_RERANK = {
    "python": """\
# pip install cohere
import os

import cohere

client = cohere.ClientV2(api_key=<key>)
answer = client.rerank(model=<model>, query="A greeting", documents=["Hello.", "Goodbye."])
print(answer.results)
""",
    "javascript": """\
// npm install cohere-ai
import { CohereClientV2 } from "cohere-ai";

const client = new CohereClientV2({ token: <key> });
const answer = await client.rerank({ model: <model>, query: "A greeting", documents: ["Hello.", "Goodbye."] });
console.log(answer.results);
""",
    "curl": """\
curl "<api>/rerank"
  -H "Authorization: Bearer <key>"
  -H "Content-Type: application/json"
{"model": <model>, "query": "A greeting", "documents": ["Hello.", "Goodbye."]}
""",
}

_BEDROCK = {
    # The libraries find the key in its variable by themselves.
    "python": """\
# pip install boto3; the key is read from AWS_BEARER_TOKEN_BEDROCK, or from your AWS profile
import boto3

client = boto3.client("bedrock-runtime", region_name="us-east-1")
answer = client.converse(modelId=<model>, messages=[{"role": "user", "content": [{"text": "Say hello."}]}])
print(answer["output"]["message"]["content"])
""",
    "javascript": """\
// npm install @aws-sdk/client-bedrock-runtime; the key is read from AWS_BEARER_TOKEN_BEDROCK, or from your AWS profile
import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";

const client = new BedrockRuntimeClient({ region: "us-east-1" });
const answer = await client.send(
  new ConverseCommand({ modelId: <model>, messages: [{ role: "user", content: [{ text: "Say hello." }] }] }),
);
console.log(answer.output.message.content);
""",
    "curl": """\
curl "<api>/model/<path>/converse"
  -H "Authorization: Bearer <key>"
  -H "Content-Type: application/json"
{"messages": [{"role": "user", "content": [{"text": "Say hello."}]}]}
""",
}

_AZURE = {
    # The model is called by the name of your deployment of it, which mostly is its own.
    "python": """\
# pip install openai
import os

from openai import OpenAI

client = OpenAI(
    base_url=f"https://{os.environ['AZURE_RESOURCE_NAME']}.openai.azure.com/openai/v1/",
    api_key=<key>,
)
answer = client.chat.completions.create(
    model=<model>,
    messages=[{"role": "user", "content": "Say hello."}],
)
print(answer.choices[0].message.content)
""",
    "javascript": """\
// npm install openai
import OpenAI from "openai";

const client = new OpenAI({
  baseURL: `https://${process.env.AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1/`,
  apiKey: <key>,
});
const answer = await client.chat.completions.create({
  model: <model>,
  messages: [{ role: "user", content: "Say hello." }],
});
console.log(answer.choices[0].message.content);
""",
    "curl": """\
curl "https://$AZURE_RESOURCE_NAME.openai.azure.com/openai/v1/chat/completions"
  -H "api-key: <key>"
  -H "Content-Type: application/json"
{"model": <model>, "messages": [{"role": "user", "content": "Say hello."}]}
""",
}

SNIPPETS: Mapping[tuple[str, Kind], Mapping[str, str]] = {
    ("openai", Kind.CHAT): _OPENAI,
    ("openai", Kind.EMBEDDING): _OPENAI_EMBEDDING,
    ("anthropic", Kind.CHAT): _ANTHROPIC,
    ("google", Kind.CHAT): _GOOGLE,
    ("google", Kind.EMBEDDING): _GOOGLE_EMBEDDING,
    ("cohere", Kind.CHAT): _COHERE,
    ("cohere", Kind.EMBEDDING): _COHERE_EMBEDDING,
    ("cohere", Kind.RERANK): _COHERE_RERANK,
    ("bedrock", Kind.CHAT): _BEDROCK,
    ("azure", Kind.CHAT): _AZURE,
}
