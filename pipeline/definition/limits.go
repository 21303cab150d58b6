package definition

import (
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

// limit is one bound of a pipeline file.
type limit struct {
	what, here, aws, why string
}

// limits are all bounds, from the constants that files are read with.
func limits() []limit {
	const same = "the same"
	n := func(i int) string { return fmt.Sprint(i) }
	return []limit{
		{"stages of a pipeline", "1 to " + n(maxStages), "2 to 50", "the commit needs no stage of its own; with a Source stage it is 2"},
		{"actions of a stage", n(maxActions), same, ""},
		{"actions of a pipeline", n(maxPipelineActions), same, ""},
		{"`runOrder`", "1 to 999", same, ""},
		{"names of pipelines, stages, actions, artifacts, namespaces", n(maxName) + " characters", same, ""},
		{"variables of a pipeline", n(pipeline.MaxVariables), same, ""},
		{"name, value and description of a variable", fmt.Sprintf("%d, %d and %d characters", pipeline.MaxVariableName, pipeline.MaxVariableValue, maxDescription), same, ""},
		{"triggers in AWS's list", n(maxTriggers), same, ""},
		{"filters of a trigger", n(maxTriggerFilters), "3", "a list of filters is an or, and costs nothing"},
		{"patterns of a filter", n(maxPatterns), "8", "monorepos name their folders"},
		{"a pattern", n(maxPattern) + " characters", same, ""},
		{"what the `{a,b}` of a pattern stand for", n(maxAlternatives) + " patterns", "-", "its time is bounded"},
		{"conditions of a stage", "1 of each sort", same, ""},
		{"rules of a condition", n(maxRules), same, ""},
		{"commands of an action or rule", n(maxCommands), same, ""},
		{"a command", n(maxCommand) + " characters, any number of lines", "1000, one line", "scripts stand in the file as they are"},
		{"environment variables of an action", n(maxVariables), "10", "other tools' files have more"},
		{"value of an environment variable", n(maxVariableValue) + " characters", "2000", "certificates and JSON are longer"},
		{"secrets of an action", n(maxSecrets), "-", ""},
		{"`outputVariables` of an action", n(maxOutputVariables), same, ""},
		{"input or output artifacts of an action", n(maxArtifacts) + ", and what the provider takes", same, ""},
		{"`files` of an output artifact", fmt.Sprintf("%d patterns of %d characters", maxOutputFiles, maxOutputFile), same, ""},
		{"keys of a configuration", n(maxConfiguration), same, ""},
		{"value of a configuration", n(maxConfigurationValue) + " characters", same, ""},
		{"environments of a file", n(maxEnvironments), "-", ""},
		{"requirements of an approval", n(maxRequirements), "-", ""},
		{"people of a requirement", fmt.Sprintf("1 to %d", maxRequired), "1", "two pairs of eyes, two teams"},
		{"entries of `from`, `to` and `override`", n(maxSelectors), "-", "each is looked up for each vote"},
		{"freezes of an environment", n(maxFreezes), "-", ""},
		{"reason of a freeze", n(maxFreezeReason) + " characters", "-", ""},
		{"pipelines of a freeze", n(maxFreezePipelines), "-", ""},
		{"length of a freeze that comes again", "1s to 60d", "-", ""},
		{"`remindAfter`, and `after` of an escalation", "1s, and shorter than the timeout", "-", "later nobody can answer"},
		{"timeout of an approval, action or rule", "1s to 60d", "5m to 60d", "tests, and gates that are meant to be quick"},
		{"message for approvers", n(maxMessage) + " characters", same, ""},
		{"link for approvers", n(maxLink) + " characters", "1000", "links to dashboards are long"},
		{"expression", n(condition.MaxExpression) + " characters", "-", ""},
		{"different expressions of a file, together", n(maxExpressions) + " characters", "-", ""},
		{"cron of a window or schedule", n(condition.MaxCron) + " characters", "-", ""},
		{"regular expression", n(condition.MaxPattern) + " bytes, RE2", "Java's", "its time is bounded by the length of the text"},
		{"the file", "1 MB", "-", "hostile files are refused in a fraction of a second"},
		{"a line of YAML", n(maxLine) + " characters", "-", ""},
		{"nesting", n(maxDepth) + " levels", "-", ""},
		{"values, once aliases are followed", n(maxNodes), "-", ""},
		{"keys of one map", n(maxKeys), "-", ""},
		{"mistakes that are told of a file", n(maxProblems), "1", ""},
	}
}

// LimitsPage returns the limits of pipeline files in Markdown, beside AWS's.
func LimitsPage() string {
	var b strings.Builder
	b.WriteString("# Limits of the pipeline file\n\n" +
		"They are AWS's, unless they were raised on purpose. What is beyond a limit is a mistake that says so.\n\n" +
		"<!-- Made by `penstock reference limits`. Change the constants in pipeline/definition instead. -->\n\n" +
		"| what | here | on AWS | why it differs |\n|---|---|---|---|\n")
	for _, l := range limits() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", l.what, l.here, l.aws, l.why)
	}
	return b.String()
}
