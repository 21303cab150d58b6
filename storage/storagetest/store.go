package storagetest

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

// RunStore runs the part of the suite that holds a pipeline.Store. open returns
// an empty store that lives as long as its test.
func RunStore(t *testing.T, open func(t *testing.T) pipeline.Store) {
	for name, test := range map[string]func(*testing.T, pipeline.Store){
		"NewLane":       testNewLane,
		"RoundTrip":     testRoundTrip,
		"Numbers":       testNumbers,
		"Named":         testNamed,
		"Stale":         testStale,
		"Duplicate":     testDuplicate,
		"Refused":       testRefused,
		"NothingShared": testNothingShared,
		"TwoLanes":      testTwoLanes,
		"OneLane":       testOneLane,
		"TurnOrders":    testTurnOrders,
		"Fairness":      testFairness,
		"Blocks":        testBlocks,
		"Future":        testFuture,
		"Retry":         testRetry,
		"Bury":          testBury,
		"Complete":      testComplete,
		"OpenOrders":    testOpenOrders,
		"ClaimOnce":     testClaimOnce,
		"ManyWaiting":   testManyWaiting,
		"Doors":         testDoors,
		"Environments":  testEnvironments,
		"Lockouts":      testLockouts,
		"LockedOut":     testLockedOut,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}
