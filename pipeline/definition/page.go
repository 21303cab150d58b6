package definition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

// Page returns the reference of the pipeline file in Markdown: every key, every
// provider of the catalog with its configuration, the rules, the references and
// the expressions. It is made from the tables that files are read with.
func Page(catalog Catalog) string {
	p := &page{}
	p.say("# The pipeline file", "",
		"`.penstock.yml` at the root of the repository, or several files in `.penstock/` (`*.yml`, `*.json`). What",
		"`aws codepipeline get-pipeline` prints is read as it is. A key that is not here is a mistake, never left out;",
		"`penstock validate` shows every mistake with its line, and `penstock schema` prints a JSON Schema for editors.",
		"Words from a list are read in any case of letters. How large things may be is in [limits](limits.md).", "",
		"<!-- Made by `penstock reference`. Change the tables in pipeline/definition instead. -->", "")
	for _, g := range grammars() {
		p.table(g)
	}
	p.rules(catalog)
	p.providers(catalog)
	p.references()
	p.expressions()
	return strings.TrimRight(p.b.String(), "\n") + "\n"
}

// page is a page that is being written.
type page struct{ b strings.Builder }

func (p *page) say(lines ...string) {
	for _, line := range lines {
		p.b.WriteString(line)
		p.b.WriteByte('\n')
	}
}

// table writes one kind of map.
func (p *page) table(g grammar) {
	p.say("## "+g.id, "")
	if g.about != "" {
		p.say(g.about, "")
	}
	p.say("| key | value | |", "|---|---|---|")
	for _, k := range g.keys {
		name := "`" + k.name + "`"
		if k.required {
			name += " *"
		}
		p.say("| " + name + " | " + cell(k.form.word) + " | " + cell(k.about) + " |")
	}
	if slices.ContainsFunc(g.keys, func(k key) bool { return k.required }) {
		p.say("", "\\* must be there")
	}
	p.say("")
}

// rules writes the providers of rules.
func (p *page) rules(catalog Catalog) {
	p.say("## rules", "",
		"What a rule of a condition may ask. All rules of a condition start together; one that fails makes its condition fail.", "")
	for _, t := range ruleTypesOf(typesOf(catalog)) {
		p.actionType(t, "###")
	}
}

// providers writes the action types: first those that run.
func (p *page) providers(catalog Catalog) {
	types := actionTypes(catalog)
	p.say("## providers", "", "What runs here. The category follows from the provider; where there are several, `actionTypeId` chooses.", "")
	for _, t := range types {
		if !t.NotYetSupported {
			p.actionType(t, "###")
		}
	}
	p.say("## AWS action types", "",
		"These are known and checked, and cannot run in this version: `validate` warns, and a run that reaches one fails. Of the",
		"git sources one stands for the commit that started the run: the only one, or the one that names this repository. It is no",
		"action here; the commit keeps the name of its artifact.", "")
	for _, t := range types {
		if t.NotYetSupported {
			p.actionType(t, "###")
		}
	}
}

// actionType writes one action type or rule.
func (p *page) actionType(t pipeline.ActionTypeInfo, level string) {
	name := t.Name
	if isRule(t) {
		p.say(level+" "+name+" (rule)", "")
	} else {
		var words []string
		for _, c := range t.Categories {
			words = append(words, string(c))
		}
		p.say(level+" "+name+" ("+strings.Join(words, ", ")+")", "")
	}
	var facts []string
	if t.NotYetSupported && t.Categories[0] == pipeline.CategoryRule {
		facts = append(facts, "Known from AWS; cannot be asked in this version.")
	}
	if t.TakesCommands {
		facts = append(facts, "Takes `commands`.")
	}
	if t.MaxInputs > 0 || t.MaxOutputs > 0 {
		facts = append(facts, fmt.Sprintf("Input artifacts: %s. Output artifacts: %s.", span(t.MinInputs, t.MaxInputs), span(t.MinOutputs, t.MaxOutputs)))
	}
	if t.Owner != "" && t.Owner != defaultOwner && t.Categories[0] != pipeline.CategoryRule {
		facts = append(facts, "Owner: "+t.Owner+".")
	}
	if len(t.OutputVariables) > 0 {
		facts = append(facts, "Variables: `"+strings.Join(t.OutputVariables, "`, `")+"`.")
	}
	if len(facts) > 0 {
		p.say(strings.Join(facts, " "), "")
	}
	if len(t.Properties) == 0 {
		return
	}
	p.say("| configuration | value | |", "|---|---|---|")
	for _, c := range t.Properties {
		key := "`" + c.Name + "`"
		if c.Required {
			key += " *"
		}
		value := map[string]string{"String": "text", "Number": "number", "Boolean": "`true`, `false`"}[c.Type]
		if len(c.Values) > 0 {
			value = list(c.Values, "or")
		}
		about := sentenceOf(c.Description)
		if c.Default != "" {
			about = strings.TrimSpace(about + " Left out: `" + c.Default + "`.")
		}
		p.say("| " + key + " | " + cell(value) + " | " + cell(about) + " |")
	}
	p.say("")
}

func (p *page) references() {
	p.say("## references", "",
		"`#{namespace.key}` stands for a value of the run. It may stand in `configuration`, `commands`, `environmentVariables` and",
		"rules, nowhere else, and is looked up just before the action starts. A command is not changed by it: the value comes in an",
		"environment variable, so that no branch name or title becomes part of a command. A reference to what does not exist, or is",
		"not over by then, is a mistake in the file.", "",
		"| reference | value |", "|---|---|",
		"| `#{variables.NAME}` | a variable of the pipeline |",
		"| `#{<namespace>.NAME}` | a variable of the action with that `namespace`: one of its `outputVariables`, or what its provider makes |",
		"| `#{codepipeline.PipelineExecutionId}` | the id of the run |")
	for _, key := range pipeline.PenstockKeys() {
		p.say("| `#{penstock." + key + "}` | " + penstockKeyAbout(key) + " |")
	}
	p.say("")
}

func penstockKeyAbout(key string) string {
	switch key {
	case "Commit":
		return "the commit, 40 characters"
	case "ShortCommit":
		return "the commit, 7 characters"
	case "Branch":
		return "the branch, or empty"
	case "Tag":
		return "the tag, or empty"
	case "PullRequest":
		return "the number of the pull request, or empty"
	case "Actor":
		return "the login of whoever started the run"
	case "Number":
		return "the number of the run"
	case "Url":
		return "the address of the commit's page"
	case "Pipeline":
		return "the name of the pipeline"
	case "Repository":
		return "owner/name of the repository"
	case "Message":
		return "the commit's message"
	}
	return ""
}

func (p *page) expressions() {
	p.say("## expressions", "",
		"`runIf` and `skipIf` are expressions in CEL, the Common Expression Language, with its standard functions and macros:",
		"`==`, `&&`, `in`, `startsWith`, `endsWith`, `contains`, `matches`, `size`, `exists`, `all`. They are checked when the file is",
		"read, also their types, and their cost is bounded. If one has no answer, the stage or action fails.", "",
		"| name | type | |", "|---|---|---|")
	for _, n := range condition.Names() {
		p.say("| `" + n.Name + "` | " + n.Type + " | " + cell(sentenceOf(n.About)) + " |")
	}
	p.say("", "```yaml",
		"runIf: branch == \"main\" || branch.startsWith(\"release/\")",
		"skipIf: files.all(f, f.startsWith(\"docs/\"))",
		"runIf: event == \"pull_request\" && \"deploy\" in pullRequest.labels && !pullRequest.draft",
		"runIf: variables.REGION.startsWith(\"eu-\")",
		"```", "")
}

func span(low, high int) string {
	if low == high {
		return fmt.Sprint(low)
	}
	return fmt.Sprintf("%d to %d", low, high)
}

// sentenceOf makes a sentence of a description.
func sentenceOf(s string) string {
	if s == "" {
		return ""
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// cell is a text in a cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
