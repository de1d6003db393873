// libyaml: the event parser behind the configuration file.
#pragma once
#include <yaml.h>
