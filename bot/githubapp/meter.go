package githubapp

import "time"

// meter counts what was spent within the last length of time, whichever moment
// it is looked at. What is spent counts from the moment it is asked for until
// length after it was answered: GitHub has counted it somewhere between, so that
// it never sees more than we do.
type meter struct {
	limit  int
	length time.Duration

	underWay int
	spent    []spending // oldest first
	sum      int        // of spent
}

type spending struct {
	at     time.Time // of the answer
	amount int
}

func (m *meter) begin(amount int) { m.underWay += amount }

func (m *meter) end(now time.Time, amount int) {
	m.underWay -= amount
	m.spent = append(m.spent, spending{now, amount})
	m.sum += amount
}

// used is what counts now.
func (m *meter) used(now time.Time) int {
	gone := 0
	for gone < len(m.spent) && !m.spent[gone].at.Add(m.length).After(now) {
		m.sum -= m.spent[gone].amount
		gone++
	}
	if m.spent = m.spent[gone:]; len(m.spent) == 0 {
		m.spent = nil
	}
	return m.sum + m.underWay
}

// wait is how long it takes until an amount can be spent and the reserve is still
// there; 0: now.
func (m *meter) wait(now time.Time, amount, reserve int) time.Duration {
	over := m.used(now) + amount - max(m.limit-reserve, amount)
	if over <= 0 {
		return 0
	}
	for _, s := range m.spent {
		if over -= s.amount; over <= 0 {
			return s.at.Add(m.length).Sub(now)
		}
	}
	return m.length // at the earliest: what is under way has not even begun to count down
}
