// What calling a component costs, at each place one can run.
//
//   bench-call             all figures
//   bench-call one-cpu     the worker's alone: for a process that is held to one CPU
//   bench-call echo        the other end of the bare round trip, on descriptor 3
import BenchmarkHarness

switch CommandLine.arguments.dropFirst().first {
case "echo": RoundTrip.echo()
case "one-cpu": try WorkerCalls(Report("call")).roundTrips("worker_one_cpu", bar: 20)
default: try CallFigures.print()
}
