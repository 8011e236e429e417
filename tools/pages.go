package tools

import (
	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

func pageTools() []Tool {
	n := resources.Page
	return []Tool{
		searchTool(n, "Find landing pages, e.g. by title.", (*flexie.Client).SearchPages),
		getTool(n, "Read one landing page with its HTML.", (*flexie.Client).Page),
	}
}
