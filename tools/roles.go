package tools

import (
	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

func roleTools() []Tool {
	n := resources.Role
	return []Tool{
		searchTool(n, "Find roles: what users may do.", (*flexie.Client).SearchRoles),
		getTool(n, "Read one role by id, with its permissions.", (*flexie.Client).Role),
	}
}
