"""Alibaba Cloud Model Studio, international: its list tells ids and days."""

from dataclasses import replace

from model_registry_pipeline.domain.source import BearerToken, CursorPages
from model_registry_pipeline.sources.formats.openai_list import openai_list

SOURCE = replace(
    openai_list(
        name="alibaba",
        label="Alibaba Cloud Model Studio",
        base_url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        auth=BearerToken("DASHSCOPE_API_KEY"),
        website="https://www.alibabacloud.com/help/en/model-studio/models",
        documentation="https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope",
        terms="Alibaba Cloud International Website Product Terms of Service",
        about="First-party: which models Alibaba Cloud serves outside China now.",
        authoritative_for="Which models Alibaba Cloud's international platform serves, and since when.",
        oddities=(
            "The list of the platform in China, with other models, is another one: ALIBABA_BASE_URL leads to it.",
            "`has_more` was false in every answer. If it were true, the next page would be asked for after `last_id`,"
            " as OpenAI's lists do it; the same page again would be told as a failure, never taken for a whole list.",
            "`owned_by` is `system` on every row.",
        ),
        evidence="3 recorded answers of 2026-02 to 2026-05, 129 to 143 models.",
    ),
    pages=CursorPages(next_field="last_id", parameter="after", more_field="has_more"),
)
