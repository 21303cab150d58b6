package definition

// maxAlternatives is how many patterns without braces one pattern may stand for:
// the time that a name takes to be compared grows with them, not with its length.
const maxAlternatives = 64

// alternatives counts the patterns without braces that a valid pattern stands for,
// `{a,b}/{c,d}` for 4, up to one more than maxAlternatives.
func alternatives(pattern string) int {
	type group struct{ sum, product int } // product: of the alternative that is being read
	most := func(n int) int { return min(n, maxAlternatives+1) }
	now, groups := group{product: 1}, []group(nil)
	class := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '{':
			groups = append(groups, now)
			now = group{product: 1}
		case c == ',' && len(groups) > 0:
			now = group{sum: most(now.sum + now.product), product: 1}
		case c == '}' && len(groups) > 0:
			within := most(now.sum + now.product)
			now, groups = groups[len(groups)-1], groups[:len(groups)-1]
			now.product = most(now.product * within)
		}
	}
	return now.product
}
