/* Parameters keep their types. */
#define MPG123_ENUM_API
#include <mpg123.h>
