package definition

// declarations are the places in which environments are declared, by their names.
type declarations map[string]declaration

type declaration struct {
	file string
	n    *node
}

// add takes in those of a file, and reports in it what is declared a second time.
func (d declarations) add(r *reader) {
	for _, n := range r.declared {
		first, twice := d[sameName(n.text)]
		if !twice {
			d[sameName(n.text)] = declaration{r.name, n}
			continue
		}
		as := ""
		if first.n.text != n.text {
			as = " as " + quote(first.n.text)
		}
		r.bad(n, "declare each environment once in the repository", "an environment of this name is declared%s in %s, line %d, too", as, quote(first.file), first.n.at.line)
	}
}

// has reports whether an environment is declared, under this very name.
func (d declarations) has(name string) bool {
	found, ok := d[sameName(name)]
	return ok && found.n.text == name
}
