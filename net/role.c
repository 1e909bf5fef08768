#include "net/role.h"

const char *const role_name[] = {"viewer", "editor", "owner"};

bool role_parse(struct str name, enum role *out)
{
	for (enum role r = ROLE_VIEWER; r <= ROLE_OWNER; r++)
		if (str_is(name, role_name[r])) {
			*out = r;
			return true;
		}
	return false;
}
