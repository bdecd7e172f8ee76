"""Shapes of the keys that common providers give out, as they document them.

Each has the characters it always begins with or holds: a pattern runs only where those occur. A
shape is told by its prefix, its alphabet and its length together, so that no hash, number or word
of ordinary text has one; keys of services without a prefix are known by their name alone.
"""

import re

_SHAPES: tuple[tuple[str, str], ...] = (
    ("sk-", r"sk-[A-Za-z0-9_-]{16,}"),  # OpenAI, Anthropic, OpenRouter and their kin
    ("xox", r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}"),  # Slack
    ("xapp-", r"xapp-[A-Za-z0-9-]{10,}"),
    ("gh", r"gh[pousr]_[A-Za-z0-9]{16,}"),  # GitHub
    ("github_pat_", r"github_pat_[A-Za-z0-9_]{16,}"),
    ("gl", r"gl(?:pat|dt|rt|ptt|ft|soat|cbt|agent|imt|ffct)-[A-Za-z0-9_.-]{16,}"),  # GitLab
    ("AKIA", r"AKIA[A-Z0-9]{16,}"),  # AWS
    ("ASIA", r"ASIA[A-Z0-9]{16,}"),
    ("ABIA", r"ABIA[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("ABSK", r"ABSK[A-Za-z0-9+/]{100,}={0,2}"),  # Bedrock
    ("AIza", r"AIza[A-Za-z0-9_-]{30,}"),  # Google
    ("GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{20,}"),
    ("ya29.", r"ya29\.[A-Za-z0-9_-]{20,}"),
    ("_live_", r"(?:sk|rk)_live_[A-Za-z0-9]{16,}"),  # Stripe
    ("_test_", r"(?:sk|rk)_test_[A-Za-z0-9]{16,}"),
    ("whsec_", r"whsec_[A-Za-z0-9+/=]{16,}"),
    ("SG.", r"SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,}"),  # SendGrid
    ("SK", r"SK[0-9a-f]{32}(?![A-Za-z0-9])"),  # Twilio
    ("AC", r"AC[0-9a-f]{32}(?![A-Za-z0-9])"),
    ("npm_", r"npm_[A-Za-z0-9]{30,}"),
    ("pypi-", r"pypi-[A-Za-z0-9_-]{40,}"),
    ("rubygems_", r"rubygems_[0-9a-f]{40,}"),
    ("dckr_pat_", r"dckr_pat_[A-Za-z0-9_-]{20,}"),  # Docker
    ("_v1_", r"do[opr]_v1_[0-9a-f]{40,}"),  # DigitalOcean
    ("hf_", r"hf_[A-Za-z0-9]{30,}"),  # Hugging Face
    ("gsk_", r"gsk_[A-Za-z0-9]{30,}"),  # Groq
    ("r8_", r"r8_[A-Za-z0-9]{30,}"),  # Replicate
    ("xai-", r"xai-[A-Za-z0-9]{40,}"),
    ("pplx-", r"pplx-[A-Za-z0-9]{32,}"),  # Perplexity
    ("tvly-", r"tvly-[A-Za-z0-9-]{16,}"),  # Tavily
    ("nvapi-", r"nvapi-[A-Za-z0-9_-]{40,}"),  # NVIDIA
    ("key-", r"(?:pub)?key-[0-9a-f]{32}(?![A-Za-z0-9])"),  # Mailgun
    ("-us", r"[0-9a-f]{32}-us[0-9]{1,2}(?![A-Za-z0-9])"),  # Mailchimp
    ("xkeysib-", r"xkeysib-[0-9a-f]{40,}(?:-[A-Za-z0-9]{8,})?"),  # Brevo
    ("re_", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}"),  # Resend
    ("AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    ("age-secret-key-1", r"age-secret-key-1[a-z0-9]{50,}"),
    ("shp", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32,}"),  # Shopify
    ("sq0", r"sq0(?:atp|csp)-[A-Za-z0-9_-]{20,}"),  # Square
    ("lin_api_", r"lin_api_[A-Za-z0-9]{30,}"),  # Linear
    ("ntn_", r"ntn_[A-Za-z0-9]{30,}"),  # Notion
    ("secret_", r"secret_[A-Za-z0-9]{40,}"),
    ("pat", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{60,}"),  # Airtable
    ("figd_", r"figd_[A-Za-z0-9_-]{30,}"),  # Figma
    ("dapi", r"dapi[0-9a-f]{32}(?![A-Za-z0-9])"),  # Databricks
    ("hv", r"hv[sbr]\.[A-Za-z0-9_-]{20,}"),  # Vault
    ("tskey-", r"tskey-[a-z]{2,20}-[A-Za-z0-9-]{16,}"),  # Tailscale
    ("glsa_", r"glsa_[A-Za-z0-9]{30,}_[0-9a-f]{8}"),  # Grafana
    ("sntry", r"sntry[su]_[A-Za-z0-9+/=_-]{30,}"),  # Sentry
    ("sbp_", r"sbp_[0-9a-f]{40,}"),  # Supabase
    ("PMAK-", r"PMAK-[0-9a-f]{20,30}-[0-9a-f]{30,}"),  # Postman
    ("EAA", r"EAA[A-Za-z0-9]{60,}"),  # Meta
    ("ATATT3", r"ATATT3[A-Za-z0-9_=-]{60,}"),  # Atlassian
    ("v1.0-", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{100,}"),  # Cloudflare
    ("cf", r"cf(?:k|ut|at)_[A-Za-z0-9]{30,}"),
    ("dp.", r"dp\.(?:pt|st|ct|sa)\.[A-Za-z0-9_-]{30,}"),  # Doppler
    (".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{40,}"),  # Terraform
    ("NRAK-", r"NRAK-[A-Z0-9]{20,}"),  # New Relic
    ("Q~", r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),  # Azure
)
KEY_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (trigger, re.compile(rf"(?<![A-Za-z0-9]){shape}")) for trigger, shape in _SHAPES
)
"""What occurs in every key of a kind, and the pattern of the whole key."""
