// Tells where the plugin was when it crashed, or when the daemon gives up on it.
#ifndef STACK_H
#define STACK_H

// Prepares it for the calling thread, which is the one that calls the plugin. From then on a crash
// writes one line to standard error, "in NAME+0xOFFSET (FILE) < FILE+0xOFFSET …", before it ends the
// process as it would have. Without memory to spare nothing is written.
void stack_prepare(void);

// Has that thread write the line and go on. From any thread.
void stack_ask(void);

#endif
