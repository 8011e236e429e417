package tools

import (
	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

func pageTools() []Tool {
	n := resources.Page
	return []Tool{
		searchTool(n, "Find landing pages by text, filters and order.", (*flexie.Client).SearchPages),
		getTool(n, "Read one landing page by id.", (*flexie.Client).Page),
	}
}
