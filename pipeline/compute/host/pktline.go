package host

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
)

// Git's packet lines: four hexadecimal digits of length, themselves counted,
// then the bytes; 0000 and 0001 are marks.
const (
	pktFlush = "0000"
	pktDelim = "0001"
	maxPkt   = 65520
)

func pkt(text string) string { return fmt.Sprintf("%04x%s", len(text)+4, text) }

// readPkt returns one packet's bytes, valid until the next call, or its mark.
func readPkt(r *bufio.Reader, buffer []byte) (data []byte, mark string, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, "", err
	}
	n, err := strconv.ParseUint(string(head[:]), 16, 16)
	switch {
	case err != nil || n == 3 || n > maxPkt:
		return nil, "", fmt.Errorf("%q is not the length of a packet", head[:])
	case n < 3:
		return nil, string(head[:]), nil
	}
	data = buffer[:n-4]
	_, err = io.ReadFull(r, data)
	return data, "", err
}
