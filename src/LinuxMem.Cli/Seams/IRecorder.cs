namespace LinuxMem.Cli.Seams;

/// <summary>Records what a program of the host does, for a replay to check.</summary>
internal interface IRecorder
{
    /// <summary>Runs a program to its end and writes a log of its system calls.</summary>
    /// <param name="program">The program and its arguments; at least one.</param>
    /// <param name="log">The file to write.</param>
    /// <param name="cancel">Ends the program early.</param>
    /// <returns>The program's exit code, or 128 and the number of the signal that ended it.</returns>
    /// <exception cref="IOException">What records is not installed, or could not record.</exception>
    /// <exception cref="LinuxMem.Simulation.ConfigurationException">There is no such program.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    int Record(IReadOnlyList<string> program, string log, CancellationToken cancel);
}
