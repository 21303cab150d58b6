package emulator

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// mostPerPage is the longest page GitHub gives.
const mostPerPage = 100

func (c *call) pageSize() (page, size int) {
	page, size = 1, 30
	if n, err := strconv.Atoi(c.query("page")); err == nil && n > 0 {
		page = n
	}
	if n, err := strconv.Atoi(c.query("per_page")); err == nil && n > 0 {
		size = min(n, mostPerPage)
	}
	return page, size
}

// paginate cuts the page asked for out of a list and makes the Link header.
func paginate[T any](c *call, list []T) ([]T, http.Header) {
	page, size := c.pageSize()
	last := max(1, (len(list)+size-1)/size)
	from := min((page-1)*size, len(list))
	to := min(from+size, len(list))
	var links []string
	add := func(n int, rel string) {
		links = append(links, fmt.Sprintf("<%s>; rel=%q", c.pageURL(n), rel))
	}
	if page > 1 {
		add(min(page-1, last), "prev")
	}
	if page < last {
		add(page+1, "next")
		add(last, "last")
	}
	if page > 1 {
		add(1, "first")
	}
	header := http.Header{}
	if len(links) > 0 {
		header.Set("Link", strings.Join(links, ", "))
	}
	return list[from:to], header
}

func (c *call) pageURL(page int) string {
	query := c.r.URL.Query()
	query.Set("page", strconv.Itoa(page))
	return c.g.url + apiPrefix + c.r.URL.EscapedPath() + "?" + query.Encode()
}

// listing answers one page of a list, each item turned into JSON.
func listing[T any](c *call, list []T, render func(T) object) (reply, error) {
	items, header := paginate(c, list)
	return reply{status: http.StatusOK, body: renderAll(items, render), header: header}, nil
}

// counted is listing for the answers that wrap the list with a total.
func counted[T any](c *call, name string, list []T, render func(T) object) (reply, error) {
	items, header := paginate(c, list)
	body := object{"total_count": len(list), name: renderAll(items, render)}
	return reply{status: http.StatusOK, body: body, header: header}, nil
}

func renderAll[T any](items []T, render func(T) object) []object {
	all := make([]object, 0, len(items))
	for _, item := range items {
		all = append(all, render(item))
	}
	return all
}
