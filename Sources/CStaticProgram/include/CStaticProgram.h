// What a program that is linked as one static file has instead of a dynamic loader.
#pragma once
