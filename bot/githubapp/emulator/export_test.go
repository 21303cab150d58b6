package emulator

// Patterns lists the operations the emulator serves, as the description names
// them.
func Patterns() []string {
	var list []string
	for _, e := range endpoints() {
		list = append(list, e.pattern)
	}
	return list
}
