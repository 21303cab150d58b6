package definition

import (
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// actionType is what became of an action's provider or actionTypeId.
type actionType struct {
	id     pipeline.ActionType
	info   pipeline.ActionTypeInfo
	known  bool // the action is judged by info
	manual bool // the action waits for people
	source bool // the action is the commit
}

// Of every action type that we know the owner and version are these, unless its
// info says otherwise.
const (
	defaultOwner   = "AWS"
	defaultVersion = "1"
	manualName     = "Manual"
)

// actionType reads provider or actionTypeId. It reports what is wrong with
// either, and then the rest of the action is not judged by it.
func (r *reader) actionType(n *node, values map[string]*node) actionType {
	var t actionType
	short, long := values["provider"], values["actionTypeId"]
	switch {
	case short != nil && long != nil:
		r.bad(short, "keep one of the two", "the provider is given twice, here and in `actionTypeId`")
	case short != nil:
		if name, ok := r.line(short, maxName); ok {
			t = r.provider(short, name, "", r.sources.isCommit(n))
		}
	case long != nil:
		t = r.actionTypeID(long, r.sources.isCommit(n))
	case !n.has("provider") && !n.has("actionTypeId"):
		hint := "write one of " + list(r.providerNames(), "or")
		if n.has("commands") {
			hint = "write `provider: Commands`"
		}
		r.missing(n, "provider", hint)
	}
	t.source = r.sources.isCommit(n)
	return t
}

// actionTypeID reads AWS's long form.
func (r *reader) actionTypeID(n *node, isCommit bool) actionType {
	values := r.object(n, actionTypeGrammar())
	if values == nil {
		return actionType{}
	}
	r.missing(n, "provider", "")
	r.missing(n, "category", "")
	v, c := values["provider"], values["category"]
	if v == nil || c == nil {
		return actionType{}
	}
	name, ok := r.line(v, maxName)
	word, isCategory := r.enum(c, categories()...)
	if !ok || !isCategory {
		return actionType{}
	}
	category := pipeline.Category(word)
	if strings.EqualFold(n.textOf("owner"), "Custom") {
		if t, custom := r.custom(v, values["version"], name, category); custom {
			return t
		}
	}
	if known := r.categoriesOf(name); len(known) > 0 && !slices.Contains(known, word) {
		r.bad(c, "write "+list(known, "or"), "%s is not a category of %s", word, quote(name))
		return actionType{}
	}
	t := r.provider(v, name, category, isCommit)
	if !t.known && !t.manual {
		return t
	}
	if owner := values["owner"]; owner != nil {
		r.enum(owner, t.id.Owner)
	}
	if version := values["version"]; version != nil {
		r.enum(version, t.id.Version)
	}
	t.id.Category = category
	return t
}

// custom reads an action type that an AWS account has made for itself.
func (r *reader) custom(n, version *node, name string, category pipeline.Category) (actionType, bool) {
	if len(r.categoriesOf(name)) > 0 || category == pipeline.CategorySource || category == pipeline.CategoryApproval {
		return actionType{}, false
	}
	t := actionType{
		id: pipeline.ActionType{Category: category, Owner: "Custom", Provider: name, Version: defaultVersion},
		info: pipeline.ActionTypeInfo{Name: name, Owner: "Custom", Categories: []pipeline.Category{category}, MaxInputs: 5, MaxOutputs: 5,
			NotYetSupported: true, AnyProperties: true},
		known: true,
	}
	if _, ok := r.word(n, "_-", 35); !ok {
		return actionType{}, true
	}
	if version != nil {
		t.id.Version, _ = r.word(version, "_-", 9)
	}
	r.warnNotYet(n, t.info)
	return t, true
}

// provider finds the action type of a provider's name. category is that of the
// long form, or empty.
func (r *reader) provider(n *node, name string, category pipeline.Category, isCommit bool) actionType {
	if strings.EqualFold(name, manualName) {
		return actionType{
			id:     pipeline.ActionType{Category: pipeline.CategoryApproval, Owner: defaultOwner, Provider: manualName, Version: defaultVersion},
			info:   pipeline.ActionTypeInfo{Name: manualName, Categories: []pipeline.Category{pipeline.CategoryApproval}},
			manual: true,
		}
	}
	info, known := r.lookup(name, category)
	if !known {
		hint := "write one of " + list(r.providerNames(), "or")
		if near := nearest(name, r.allNames()); near != "" {
			hint = "did you mean `" + near + "`?"
		}
		if slices.ContainsFunc(r.types, func(t pipeline.ActionTypeInfo) bool { return isRule(t) && strings.EqualFold(t.Name, name) }) {
			hint = "write it under `rules` of `beforeEntry`, `onSuccess` or `onFailure`"
		}
		r.bad(n, hint, "%s is not a provider of actions", quote(name))
		return actionType{}
	}
	t := actionType{
		id:    pipeline.ActionType{Owner: defaultOwner, Provider: info.Name, Version: defaultVersion},
		info:  info,
		known: true,
	}
	if info.Owner != "" {
		t.id.Owner = info.Owner
	}
	if len(info.Categories) > 0 {
		t.id.Category = info.Categories[0]
	}
	if info.NotYetSupported && !isCommit {
		r.warnNotYet(n, info)
	}
	return t
}

// warnNotYet tells of an action type that is known and cannot run.
func (r *reader) warnNotYet(n *node, info pipeline.ActionTypeInfo) {
	switch {
	case r.o.Local:
		r.warn(n, "", "%s does not run on this machine; the action is skipped", quote(info.Name))
	case info.Categories[0] == pipeline.CategorySource:
		r.warn(n, "", "%s is not the commit, and cannot be fetched in this version; a run that reaches this action fails", quote(info.Name))
	default:
		r.warn(n, "", "%s cannot run in this version; a run that reaches this action fails", quote(info.Name))
	}
}

// lookup finds what the catalog says of a name, or else what AWS says.
func (r *reader) lookup(name string, category pipeline.Category) (pipeline.ActionTypeInfo, bool) {
	for _, t := range r.types {
		if !isRule(t) && strings.EqualFold(t.Name, name) && (category == "" || slices.Contains(t.Categories, category)) {
			return t, true
		}
	}
	return r.awsActionType(name, category)
}

// categoriesOf returns the categories that a provider's name may have.
func (r *reader) categoriesOf(name string) []string {
	if strings.EqualFold(name, manualName) {
		return []string{string(pipeline.CategoryApproval)}
	}
	var words []string
	for _, t := range slices.Concat(r.types, r.aws) {
		if isRule(t) || !strings.EqualFold(t.Name, name) {
			continue
		}
		for _, c := range t.Categories {
			if !slices.Contains(words, string(c)) {
				words = append(words, string(c))
			}
		}
	}
	return words
}

// providerNames are the providers that can run here.
func (r *reader) providerNames() []string {
	var names []string
	for _, t := range r.types {
		if !t.NotYetSupported && !isRule(t) {
			names = append(names, t.Name)
		}
	}
	return append(names, manualName)
}

// allNames are the providers that are known.
func (r *reader) allNames() []string {
	names := r.providerNames()
	for _, t := range r.aws {
		names = append(names, t.Name)
	}
	return names
}
