namespace LinuxMem.Benchmarks.Measuring;

/// <summary>Measures one thing, in some seconds, with what it is compared to in the same run.</summary>
internal interface IBench
{
    string Name { get; }

    string About { get; }

    void Run(Report report);
}
