namespace LinuxMem.Workloads.Scenarios.Json;

/// <summary>Where a piece of input is.</summary>
/// <param name="Source">A path, or an option such as `--set machine.cpus=0`.</param>
/// <param name="Line">From 1; 0 where the source has no lines.</param>
/// <param name="Column">From 1, in code points.</param>
internal readonly record struct Position(string Source, int Line = 0, int Column = 0)
{
    /// <summary>As compilers write it.</summary>
    public override string ToString() => Line == 0 ? Source : FormattableString.Invariant($"{Source}:{Line}:{Column}");
}
