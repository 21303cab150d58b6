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
	known  bool // info is that of a provider which can run
	manual bool // the action waits for people
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
	short, long := values["provider"], values["actionTypeId"]
	switch {
	case short != nil && long != nil:
		r.bad(short, "keep one of the two", "the provider is given twice, here and in `actionTypeId`")
	case short != nil:
		if name, ok := r.line(short, maxName); ok {
			return r.provider(short, name, "")
		}
	case long != nil:
		return r.actionTypeID(long)
	case !n.has("provider") && !n.has("actionTypeId"):
		hint := "write one of " + list(r.providerNames(), "or")
		if n.has("commands") {
			hint = "write `provider: Commands`"
		}
		r.missing(n, "provider", hint)
	}
	return actionType{}
}

// actionTypeID reads AWS's long form.
func (r *reader) actionTypeID(n *node) actionType {
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
	category, isCategory := r.enum(c, "Source", "Build", "Test", "Deploy", "Approval", "Invoke", "Compute")
	if !ok || !isCategory {
		return actionType{}
	}
	t := r.provider(v, name, pipeline.Category(category))
	if !t.known && !t.manual {
		return t
	}
	if owner := values["owner"]; owner != nil {
		r.enum(owner, t.id.Owner)
	}
	if version := values["version"]; version != nil {
		r.enum(version, t.id.Version)
	}
	if !slices.Contains(t.info.Categories, pipeline.Category(category)) {
		var words []string
		for _, c := range t.info.Categories {
			words = append(words, string(c))
		}
		r.bad(c, "write "+list(words, "or"), "%s is not a category of %s", category, t.id.Provider)
		return actionType{}
	}
	t.id.Category = pipeline.Category(category)
	return t
}

// provider finds the action type of a provider's name. category is that of the
// long form, or empty.
func (r *reader) provider(n *node, name string, category pipeline.Category) actionType {
	if strings.EqualFold(name, manualName) {
		return actionType{
			id:     pipeline.ActionType{Category: pipeline.CategoryApproval, Owner: defaultOwner, Provider: manualName, Version: defaultVersion},
			info:   pipeline.ActionTypeInfo{Name: manualName, Categories: []pipeline.Category{pipeline.CategoryApproval}},
			manual: true,
		}
	}
	info, inCatalog := r.lookup(name)
	if !inCatalog {
		return r.elsewhere(n, name, category)
	}
	t := actionType{
		id:    pipeline.ActionType{Owner: defaultOwner, Provider: info.Name, Version: defaultVersion},
		info:  info,
		known: !info.NotYetSupported,
	}
	if info.Owner != "" {
		t.id.Owner = info.Owner
	}
	if len(info.Categories) > 0 {
		t.id.Category = info.Categories[0]
	}
	if info.NotYetSupported {
		r.warn(n, "", "%s cannot run in this version; a run that reaches this action fails", info.Name)
	}
	return t
}

// elsewhere tells of a name that is not in the catalog: AWS's, or nobody's.
func (r *reader) elsewhere(n *node, name string, category pipeline.Category) actionType {
	aws, known := awsActionType(name)
	switch {
	case !known:
		hint := "write one of " + list(r.providerNames(), "or")
		if near := nearest(name, r.providerNames()); near != "" {
			hint = "did you mean `" + near + "`?"
		}
		r.bad(n, hint, "%s is not a provider", quote(name))
		return actionType{}
	case category == pipeline.CategorySource, category == "" && aws.Categories[0] == pipeline.CategorySource:
		r.bad(n, "remove the action: the commit that started the run is the artifact `source`",
			"%s: Source actions: not supported in this version", aws.Name)
		return actionType{}
	case r.o.Local:
		r.warn(n, "", "%s does not run on this machine; the action is skipped", aws.Name)
		id := pipeline.ActionType{Category: aws.Categories[0], Owner: defaultOwner, Provider: aws.Name, Version: defaultVersion}
		if category != "" {
			id.Category = category
		}
		return actionType{id: id}
	}
	r.bad(n, "this server runs "+list(r.providerNames(), "and"), "%s: not supported in this version", aws.Name)
	return actionType{}
}

func (r *reader) lookup(name string) (pipeline.ActionTypeInfo, bool) {
	for _, t := range r.types {
		if strings.EqualFold(t.Name, name) {
			return t, true
		}
	}
	return pipeline.ActionTypeInfo{}, false
}

// providerNames are the providers that can run here.
func (r *reader) providerNames() []string {
	var names []string
	for _, t := range r.types {
		if !t.NotYetSupported {
			names = append(names, t.Name)
		}
	}
	return append(names, manualName)
}
