/* exit: for make coverage: _exit(2) of who is done notes what it went through.
 */
#include <gcov.h>
#include <stdlib.h>

void __real__exit(int) __attribute__((noreturn));
void __wrap__exit(int) __attribute__((noreturn));

void
__wrap__exit(int code)
{
	__gcov_dump();
	__real__exit(code);
}
