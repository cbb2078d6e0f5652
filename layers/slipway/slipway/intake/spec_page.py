"""What the reference page of the spec says around its tables."""

EXAMPLE = """\
# yaml-language-server: $schema=../schema/release.schema.json
serve:
  image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/serve:2.1
  instance_type: ml.c5.large
  instance_count: 2
  environment:
    MODEL_THREADS: "4"
rollout:
  bake_seconds: 600
autoscaling:
  max_capacity: 6
  target_invocations_per_instance: 900
alarms: [orders-conversion-drop]
watch:
  error_rate: 0.01
smoke:
- name: one known row
  json: {"instances": [[5.1, 3.5, 1.4, 0.2]]}
  expect:
    json: {"predictions": [0]}
    max_latency_ms: 500
- name: a bad row is refused
  body: not a row
  content_type: text/csv
  expect: {status: 415}
owner: team-orders@example.com
"""

VARIANTS = """\
serve:
  image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/serve:2.1
variants:
- name: champion
  weight: 9
- name: challenger
  weight: 1
  serve:
    instance_count: 2
    environment:
      MODEL_DEPTH: "8"
smoke:
- name: one known row
  json: {"instances": [[5.1, 3.5, 1.4, 0.2]]}
  expect:
    json: {"predictions": [0]}
"""

INTRODUCTION = """\
# The release spec

A spec says how a model is to be served and what a good answer is. It stands beside the model as
`models/<endpoint>/<version>/release.yaml` (or `release.yml`, `release.json`); the first of them that exists counts.
What holds for all releases of an endpoint stands in the endpoint's own `models/<endpoint>/release.yaml`. Every key may
be left out, and so may both files.

Layers lie over each other: the stack's defaults, then the endpoint's own spec, then the spec of the drop. Mappings
merge key by key, any other value replaces the one beneath it. A key left blank says nothing. `slipway plan` shows the
whole and from which layer each value comes.

```yaml
{example}```

`schema/release.schema.json` gives an editor completion and checks; the first line of the example names it.

How the file is read: UTF-8, at most 256 KB, nested at most 20 deep, one document, no key twice. YAML values mean what
they mean in JSON: `no` is a text, `010` and `2024-01-01` are texts, and nothing is converted, so a number in
`environment` or `tags` needs quotes. There are no aliases and no tags. Numbers are finite; whole ones fit into 64
bits. A spec with anything wrong in it is REJECTED with all findings at once, each with its place, before anything is
created.
"""

FOOTNOTE = """\
## Smoke cases

Each case is sent `warm_up` times, which is not judged, and then `repeats` times for each instance. A request that
SageMaker could not pass on (throttling, a model that still loads, a broken line) is sent again for a while; an error
of the model never is ([smoke](smoke.md) has the whole table). Every answer is held to `status`, `content_type`, `json`,
`schema`, `paths`, `contains`, `matches`, `custom_attributes` and `max_latency_ms`; all of a case together to `p50_ms`,
`p95_ms`, `p99_ms`, `stable` and `error_share`.

A path is `$.predictions[0].score`, `$["odd key"]`, `[-1]` for the last entry or `[*]` for every one. A regular
expression has literals, `.`, `[classes]`, `\\d \\w \\s` and their opposites, `* + ? {m,n}`, groups, `|`, `^` and `$`;
it is matched in time proportional to the text, so what needs more (references, lookarounds) is refused.

A `schema` is JSON Schema, draft 2020-12, of which these keywords are checked: {keywords}; `title`, `description` and
their like say nothing. Any other keyword, `format` among them, is refused when the spec is read: nothing is ignored.
References lead to `#` or `#/$defs/<name>`; `$defs` stands at the root; patterns are the regular expressions above.

A release without cases in its spec is tested by what its archive brings: `smoke/*.json`, each a case like those above
(or a list of them), called like its file unless it has a name; else by the input example of an MLflow model.

## A framework instead of an image

`framework` with its exact `framework_version` chooses the image in which AWS serves it, in the stack's region: CPU
images for inference of scikit-learn, XGBoost, PyTorch, TensorFlow and Hugging Face. The accounts and tags are extracted
from AWS's own SDK ({source}) and ship with Slipway; a version that is newer than that needs its image's
name. Versions before those for Python 3 are left out. A layer that names a framework replaces the image of the layers
beneath it, and the other way round; `slipway plan` shows the image that was chosen, and the policy judges that one.
Instances with GPUs, Inferentia, Trainium or Graviton need an image by name. MLflow models have no image of AWS's: name
one that serves their flavour.

## Without instances

`serve.serverless` takes the place of `instance_type` and `instance_count`: containers come with the requests. A layer
that names it replaces the instances of the layers beneath it, and the other way round. SageMaker has less for such a
model, and what it lacks is refused rather than ignored: network isolation (write `network_isolation: false`), capture,
scaling by Slipway, a folder that is not packed, and guardrails. So an update moves all traffic at once, and smoke and
watch (`watch.seconds`) judge the new model while it serves already; the way back is another update, without an old
fleet that still runs. Regression against live asks the old model before the update, as ever. SageMaker turns no
endpoint with instances into a serverless one, and none back: a release that would is refused, use another name.
A policy allows it by the type `serverless`; its price there is that of a GB and hour, and under a ceiling all of
`max_concurrency` counts as busy.

## Several containers

`serve.containers` takes the place of the one container that `serve` describes. Each gets the `image` and the
`environment` of `serve`, its own laid over them, and serves its own `artifact`; exactly one names none and serves what
was dropped. With `serve.multi_model` one container serves a folder of archives, of which requests name one. [Several
models](several-models.md) shows how such releases are made.

## Scaling

With `autoscaling.max_capacity` the endpoint is scaled by its traffic: when a release is promoted, its variant is
registered with Application Auto Scaling and gets the policy `slipway-invocations-per-instance`. A spec that says
nothing of it leaves everything as it is registered, by whomever; `max_capacity: 0` removes what Slipway set up. What
Application Auto Scaling refuses does not give a model up that serves well: the release is LIVE and says so.

No release takes instances from an endpoint: where scaling is registered the live count stays, whatever
`serve.instance_count` says, which then holds for the first release alone. A rollback brings back the limits and the
policy that were there before. SageMaker changes no instance type of an endpoint that is registered, and nothing is
scaled while a deployment runs. A release that comes while instances come or go, or
while SageMaker maintains the endpoint, waits for that, an hour at most, and a rollback two; then it is REJECTED.
Alarms whose names begin with `TargetTracking-` call for instances and cannot guard a release.

## A model in a VPC

`serve.vpc` names subnets and security groups. A spec that names none keeps the VPC of the live model, of an adopted
endpoint too: leaving it would cut a model off from what it needs, or open it. `keep: false` leaves it on purpose. The
stack must be deployed with `ModelsInVpc` (or with `DefaultSubnets`), which lets SageMaker put network interfaces into
your VPC; else such a release is REJECTED. What the model reaches there is up to your route tables, endpoints and
security groups; SageMaker needs a way to S3 and ECR for nothing but what the container itself fetches. With
`network_isolation`, which is the default, the container reaches nothing at all: set it to false where it shall.

## Several variants

Champion and challenger, or the arms of an A/B test, behind one endpoint:

```yaml
{variants}```

Each variant is served as `serve` says, with what it says itself laid over that, and gets its weight's part of the
traffic; requests may ask for one by `TargetVariant`. All rules and the policy hold for each; instances and costs are
counted together. There are 2 to {most} of them, since SageMaker takes ten alarms for a deployment: each has its own, on
its own metrics, for errors (and for each budget of latency), and the veto is one. What is beyond ten is refused with
the numbers. No variant hides behind another: every smoke case and probe is sent to each unless it names one by
`target_variant`, a failure names the variant, and one of which no request was seen has no data, whatever the others
had. One of weight 0 meets nothing but smoke. Regression compares each with the live variant of its name, and so does
`watch.latency_factor`.

A variant with an `artifact` serves that, one without any what was dropped; at least one is of that kind.
[Several models](several-models.md#champion-and-challenger) shows how such a release is made. Variants of the same
content share a model. An update whose variants have the names of those that serve is guarded, by
every strategy but `rolling`, whose steps must fit each fleet. **Other names** cost what a release is safe by: SageMaker
then moves all traffic at once, without a bake, alarms or an old fleet to go back to. That is refused
(`VARIANTS_CHANGED`) unless the spec says `rollout: {unguarded: true}`; then smoke and `watch.seconds` judge the new
variants while they serve, the way back is another update, and the release keeps a finding that says so. The same holds
for the way from one variant, which is called `main` unless it was adopted, to several and back.

Live counts never drop, variant by variant; weights become those of the spec, with a note where somebody had changed one
by hand, and a rollback brings back those of the config that it goes back to. `autoscaling` holds for each variant; one
that is registered for scaling cannot be left out before that is ended. An endpoint with several is adopted by a spec
that names them all. SageMaker has no serverless endpoints with several variants.

Where a way back brings variants again that an unguarded update had left out, they begin with the instances of their
config. `step_instances` is taken as so many of each variant, which AWS does not say in so many words; `step_percent`
leaves no doubt. Each further model of a release is one more call to SageMaker.

## Besides

A smoke case has exactly one of `body` and `json`, and the names of cases differ. Variables of `environment`
are named like `[a-zA-Z_][a-zA-Z0-9_]*`, have at most 1024 characters each and 32 KB together; some are never allowed
(`LD_*`, `PYTHONPATH`, proxies, credentials). Tags follow the rules of AWS. Alarms whose names begin with `slipway-`
are Slipway's own.
"""
