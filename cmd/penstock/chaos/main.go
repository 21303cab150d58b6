// Command chaos kills the real server, and supervisors of its builds, at random
// moments while they work, and then checks that nothing was lost, done twice or shown
// wrongly. It is a tool of this repository, not a part of the product.
//
// The emulated GitHub drops, doubles, delays and reorders deliveries meanwhile and
// answers 500, 403 and 429; the emulated Slack, in which gates are asked too, loses
// replies and says everything twice. The checker knows what was sent, what both show
// and what the database says; it shares no code with those who decide.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	kills := flag.Int("kills", 300, "how often the server is killed")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "what all that is random begins with")
	output := flag.String("o", "table", "`format` of the output: table or json")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	fmt.Fprintf(os.Stderr, "chaos: -kills %d -seed %d\n", *kills, *seed)
	result, err := run(ctx, options{kills: *kills, seed: *seed, progress: os.Stderr})
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
	if *output == "json" {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(result); err != nil {
			fmt.Fprintln(os.Stderr, "chaos:", err)
			os.Exit(1)
		}
	} else {
		result.print(os.Stdout)
	}
	if len(result.Violations) > 0 {
		os.Exit(1)
	}
}
