"""The policy document's JSON Schema and page, generated from its records; a test holds the committed files to them."""

import json

from pydantic import TypeAdapter

from slipway.intake import freezes, policy_document
from slipway.intake.record_schema import Schema, describe, tables

EXAMPLE = """\
# yaml-language-server: $schema=../schema/policy.schema.json
schema: 1
images:
  allowed: ["683313688378.dkr.ecr.*.amazonaws.com/sagemaker-*"]
instances:
  allowed: [ml.m5.*, ml.c5.large]
  most: 4
cost:
  most_per_hour: 1.50
  per_instance_hour: {ml.m5.large: 0.115, ml.m5.xlarge: 0.23, ml.c5.large: 0.102}
network_isolation_required: true
environment:
  never: [MODEL_DEBUG]
pickles: warn
writers:
- account: "111122223333"
  endpoints: [team-a-*]
- account: "444455556666"
  by: ci-*
  endpoints: [team-b-*]
freezes:
- name: weekend
  days: [fri]
  start: "16:00"
  end: "24:00"
  time_zone: Europe/Berlin
- name: weekend
  days: [sat, sun]
  time_zone: Europe/Berlin
- name: year end
  start: 2026-12-19
  end: 2027-01-04T06:00
  time_zone: Europe/Berlin
"""
"""A policy of two teams; the prices are an example, not AWS's of today."""

_INTRODUCTION = """\
# The policy

What a release may ask for is decided by whoever runs the installation, in two places that both have to allow it:

1. **The stack's parameters** ([ways-in.md](ways-in.md#the-policy)). They change with a deployment and are the outer
   limit.
2. **A policy document** in an SSM parameter, named by the stack's parameter `PolicyParameter`. It changes with one
   call, counts within five seconds, and has rules that no parameter has: prices and a ceiling, writers, freezes.

```console
$ slipway policy policy.yaml
$ aws ssm put-parameter --name /slipway/policy --type String --overwrite --value file://policy.yaml
```

The first line checks a document before it is written, as Read the Release will read it; without a file it shows the
policy that holds now. A document is YAML, or JSON when it begins with a brace, and is read like a spec
([release-spec.md](release-spec.md)): no key twice, nothing unknown. SSM keeps at most 4 KB of it, 8 KB as an
advanced parameter.

```yaml
{example}```

The prices above are an example. Slipway knows none: look yours up, and a type that has no price is refused under a
ceiling (`POLICY_PRICE_UNKNOWN`) rather than taken to be free.

## How it is applied

- Read the Release reads it once for each release and writes its version into the ledger; all later steps hold the
  release to that version. `slipway plan` holds a spec to it before anything is uploaded.
- **It fails closed.** A document that is not there, may not be read, or has anything wrong in it, rejects every release
  with `POLICY_UNREADABLE`, the place and the line. Nothing of a document that is half understood counts.
- **Operators always get in.** Rollback, abort and recover read no policy: neither a freeze nor a broken document stops
  the way back. A rollback goes to what was live before, which the policy of its time allowed.
- **Freezes** are judged when a release is read, and again before its endpoint is touched: one that waited for its turn
  or for an approval into a freeze is rejected too. A release whose endpoint is changing already goes on. The refusal
  says when the last window that follows on ends. After it, upload again (or send the request again).
- A finding names its rule: a key of the document with its version, or a parameter of the stack.

## What `writers` prove

`account` is written into the event by AWS, not by the writer: S3 names the account (or service) whose credentials made
the upload, EventBridge the account that sent a request or in which a package was approved. It tells accounts apart, not
people or roles of one account: for those, let bucket policy and IAM give each team `models/<its prefix>*` only. `by`
is what a request says of itself: it keeps honest pipelines apart and stops nobody who lies. What starts a release is
asked about; whoever wrote the other half of a pair, or an endpoint's own `release.yaml`, is not.
"""

_FOOTNOTE = """\
## Signatures

A signature beside an artifact says who vouches for exactly these bytes. It is made by an asymmetric KMS key
(ECC_NIST_P256 with `ECDSA_SHA_256`, or RSA with `RSASSA_PSS_SHA_256`) over the SHA-256 digest of the file, and is kept
as `model.tar.gz.sig`: the JSON that `aws kms sign` prints. The private key never leaves KMS, and no byte of the model
goes there. Either of these makes it:

```console
$ slipway sign model.tar.gz --key alias/model-signing
```

```bash
openssl dgst -sha256 -binary model.tar.gz > model.digest
aws kms sign --key-id alias/model-signing --message fileb://model.digest --message-type DIGEST \\
  --signing-algorithm ECDSA_SHA_256 --output json > model.tar.gz.sig
```

The stack's parameter `SigningKeys` names the keys that count, by ARN; without it nobody looks for signatures. With it,
a signature that is there has to be right, and `signature_required` of the policy refuses artifacts without one. Upload
the signature first (`slipway release` does): an archive that comes first is rejected (`SIGNATURE_ABSENT`), and the
signature's own upload then starts the pair anew by itself.

| finding | what is wrong |
|---|---|
| `SIGNATURE_ABSENT` | one is required and there is none |
| `SIGNATURE_NO_KEYS` | one is required and the stack names no key |
| `SIGNATURE_UNREADABLE` | the file is not what `aws kms sign` prints |
| `SIGNATURE_ALGORITHM` | it was made by an algorithm that does not sign a SHA-256 digest |
| `SIGNATURE_OTHER_KEY` | it was made with a key that `SigningKeys` does not name |
| `SIGNATURE_OTHER_BYTES` | it is over other bytes: of another version, or it was changed |
| `SIGNATURE_KEY_UNUSABLE` | KMS does not let the key verify: disabled, deleted, of another kind, or its policy |

Each further artifact of a spec ([several-models.md](several-models.md)) has a signature of its own beside it. Its
upload starts nothing: upload it before the spec.

A signature vouches for bytes, not for an endpoint or a time: whoever holds signed bytes may release them wherever they
may write. Models that are not packed have no one file to sign, so where a signature is required they are refused.

## Freezes

With `days`, a window begins on each of these days at `start` and ends at `end`, on the next day when `end` is not after
`start`. Without `days` it is one range: `start` and `end` are dates or dates with a time, and the end is no part of it.
Both are times on the wall of `time_zone`, over changes of the clocks too.
"""


def json_schema() -> Schema:
    """Give the JSON Schema (2020-12) of a policy document."""
    schema = TypeAdapter(policy_document.PolicyDocument).json_schema()
    describe("PolicyDocument", schema, (policy_document, freezes))
    schema["title"] = "Policy of Slipway"
    schema["description"] = "What a release may ask for, besides the stack's parameters."
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def generated() -> dict[str, str]:
    """Give every generated file: its path in the checkout, and its text."""
    return {
        "schema/policy.schema.json": json.dumps(json_schema(), indent=2) + "\n",
        "docs/policy.md": "\n".join([_INTRODUCTION.replace("{example}", EXAMPLE), *tables(json_schema()), _FOOTNOTE]),
    }
