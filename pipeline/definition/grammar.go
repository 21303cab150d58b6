package definition

import (
	"slices"
	"sort"

	"github.com/penstock-cd/penstock/pipeline"
)

// The keys of the file, one table for each kind of map. Every key that
// CodePipeline or our own grammar knows is in one of the two lists of its table:
// read, or refused by name with what to do instead. The JSON Schema and the
// reference page are made from these tables.

// grammar names the keys of one kind of map.
type grammar struct {
	id      string // in the schema and on the page
	what    string // "a stage"
	about   string // for the page, one paragraph
	keys    []key
	refused map[string]string // known keys that are not built: what to do instead
	foreign map[string]string // words of other tools: what to write here
}

// key is one key that is read.
type key struct {
	name     string
	form     form
	about    string // one sentence for the page
	required bool
}

// names returns the keys that are read.
func (g grammar) names() []string {
	names := make([]string, 0, len(g.keys))
	for _, k := range g.keys {
		names = append(names, k.name)
	}
	return names
}

// reads reports whether a key is read.
func (g grammar) reads(name string) bool {
	return slices.ContainsFunc(g.keys, func(k key) bool { return k.name == name })
}

// known returns every key, sorted: those that are read and those that are
// refused by name.
func (g grammar) known() []string {
	keys := g.names()
	for k := range g.refused {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func pipelineGrammar() grammar {
	const awsOnly = "Accepted from AWS, without effect."
	return grammar{
		id:   "pipeline",
		what: "a pipeline",
		about: "The root of the file. What `aws codepipeline get-pipeline` prints is read as it is: the pipeline under `pipeline`, " +
			"with or without `metadata` beside it.",
		keys: []key{
			{name: "name", form: wordForm(nameCharacters, maxName), about: "Left out, it is the file's own name; of `.penstock.yml` it is `pipeline`."},
			{name: "triggers", form: either(tableForm("triggers"), listForm(tableForm("trigger"), 0, maxTriggers)),
				about: "What starts the pipeline by itself. Left out: pushes to the default branch and pull requests against it. `{}`: nothing but people."},
			{name: "executionMode", form: enumForm("superseded", "queued", "parallel"),
				about: "What a newer run does to an older one of the same branch, tag or pull request: replace the one that waits in front of a stage, wait behind it, or ignore it. Left out: `superseded`."},
			{name: "cancelInProgress", form: boolForm(), about: "Whether a newer run stops an older one at once. Left out: for pull requests only."},
			{name: "variables", form: either(mapForm(either(emptyForm(pipeline.MaxVariableValue), tableForm("variable"))), listForm(tableForm("variable"), 0, pipeline.MaxVariables)),
				about: "Values for `#{variables.NAME}`. A variable without a default needs a value at the start, so that only people can start the pipeline."},
			{name: "environments", form: environmentsForm(),
				about: "The rules of environments, by name. Those of the default branch's files count, whatever the file of a run says."},
			{name: "stages", form: listForm(tableForm("stage"), 1, maxStages), required: true, about: "They run one after the other."},
			{name: "roleArn", form: textForm(1024), about: awsOnly + " Credentials belong to connections of the operator."},
			{name: "artifactStore", form: tableForm("artifactStore"), about: awsOnly + " Artifacts are kept by the server."},
			{name: "artifactStores", form: mapForm(tableForm("artifactStore")), about: awsOnly + " Artifacts are kept by the server."},
			{name: "version", form: numberForm(1, 1<<30), about: awsOnly + " Git keeps the versions."},
			{name: "pipelineType", form: enumForm("V1", "V2"), about: awsOnly + " Everything is V2."},
			{name: "tags", form: either(listForm(form{"tag", map[string]any{"type": "object"}}, 0, 50), mapForm(emptyForm(256))), about: awsOnly},
		},
		refused: map[string]string{
			"supersedeAtGate": "a newer run supersedes the one that waits in front of a stage",
			"runIf":           "write it in a stage or an action",
			"skipIf":          "write it in a stage or an action",
			"schedule":        "write it under `triggers`",
			"metadata":        "it stands beside `pipeline`, in what get-pipeline prints",
			"pipeline":        "what is under `pipeline` stands at the top of the file, or `pipeline` is the only key",
		},
		foreign: map[string]string{
			"on":          "what starts a pipeline is under `triggers`",
			"jobs":        "write `stages`, each with `actions`",
			"steps":       "write `stages`, each with `actions`",
			"env":         "write `environmentVariables` in each action, or `variables`",
			"concurrency": "write `executionMode` and `cancelInProgress`",
			"beforeEntry": "write it in a stage",
		},
	}
}

// envelopeGrammar is what get-pipeline prints around the pipeline.
func envelopeGrammar() grammar {
	return grammar{
		id: "envelope", what: "the output of get-pipeline",
		keys: []key{
			{name: "pipeline", form: tableForm("pipeline"), required: true, about: "The pipeline."},
			{name: "metadata", form: form{"map", map[string]any{"type": "object"}}, about: "Not read."},
			{name: "tags", form: either(listForm(form{"tag", map[string]any{"type": "object"}}, 0, 50), mapForm(emptyForm(256))), about: "Not read."},
		},
	}
}

func artifactStoreGrammar() grammar {
	return grammar{
		id: "artifactStore", what: "an artifact store",
		about: "Where AWS keeps artifacts. Here the server keeps them, and the key has no effect.",
		keys: []key{
			{name: "type", form: enumForm("S3"), required: true, about: "The sort of store."},
			{name: "location", form: patternForm("bucket", `^[A-Za-z0-9.\-]{3,63}$`, 63), required: true, about: "The bucket."},
			{name: "encryptionKey", form: tableForm("encryptionKey"), about: "The key that encrypts what is in it."},
		},
	}
}

func encryptionKeyGrammar() grammar {
	return grammar{
		id: "encryptionKey", what: "an encryption key",
		about: "Has no effect, as its artifact store.",
		keys: []key{
			{name: "id", form: textForm(400), required: true, about: "The key."},
			{name: "type", form: enumForm("KMS"), required: true, about: "The sort of key."},
		},
	}
}

func pipelineVariableGrammar() grammar {
	return grammar{
		id: "variable", what: "a variable",
		about: "A value for `#{variables.NAME}`. In a list, as on AWS, it has a `name`.",
		keys: []key{
			{name: "name", form: wordForm(variableCharacters, pipeline.MaxVariableName), about: "Only in a list: in a map it is the key."},
			{name: "default", form: textForm(pipeline.MaxVariableValue), about: "The value that a run has if none is given."},
			{name: "defaultValue", form: textForm(pipeline.MaxVariableValue), about: "AWS's word for `default`."},
			{name: "description", form: emptyForm(maxDescription), about: "For whoever starts the pipeline."},
		},
		foreign: map[string]string{"value": "write `default`", "required": "a variable without `default` is required"},
	}
}

// grammars returns the tables of the schema and the page, in the order of the page.
func grammars() []grammar {
	return []grammar{
		pipelineGrammar(), triggersGrammar(), pushGrammar(), pullRequestGrammar(), mergeGroupGrammar(), scheduleGrammar(), filterGrammar(),
		pipelineVariableGrammar(),
		environmentGrammar(), approvalGrammar(), requirementGrammar(), whoGrammar(), whenGrammar(), escalateGrammar(), freezeGrammar(),
		stageGrammar(), conditionsGrammar(), onFailureGrammar(), retryConfigurationGrammar(), ruleGrammar(),
		actionGrammar(), outputArtifactGrammar(),
		awsTriggerGrammar(), gitConfigurationGrammar(), conditionGrammar(), actionTypeGrammar(), ruleTypeGrammar(), inputArtifactGrammar(),
		variableGrammar(), artifactStoreGrammar(), encryptionKeyGrammar(), blockerGrammar(),
	}
}
