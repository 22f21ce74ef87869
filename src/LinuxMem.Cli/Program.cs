using System.Runtime.InteropServices;
using System.Text;
using LinuxMem.Cli;
using LinuxMem.Cli.Commands;
using LinuxMem.Cli.Seams;

using var interrupted = new CancellationTokenSource();
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);

// Its own writer: Console.Out flushes after every write, which makes long tables slow.
var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
CommandServices services = Composition.Create(interrupted.Token);
// What is thrown on a thread of the engine and caught by nobody would end the process with a stack trace on the
// terminal.
AppDomain.CurrentDomain.UnhandledException += (_, e) =>
    Environment.Exit(new CommandContext(args, output, Console.Error, services).Explain((Exception)e.ExceptionObject));
return LinuxMemCommand.Invoke(args, output, Console.Error, services);

void Interrupt(PosixSignalContext signal)
{
    // The first one ends the run in good order; the second one, if that takes too long, ends the process.
    signal.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
}
