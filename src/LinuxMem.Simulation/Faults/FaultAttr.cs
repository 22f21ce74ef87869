namespace LinuxMem.Simulation.Faults;

/// <summary>The parameters that every fault point has, under Linux's names and with its defaults.</summary>
/// <remarks>Linux: include/linux/fault-inject.h: struct fault_attr, FAULT_ATTR_INITIALIZER, v6.18.</remarks>
public sealed record FaultAttr
{
    /// <summary>How likely a failure is, in percent; 0, the default, is never.</summary>
    public int Probability { get; init; }

    /// <summary>Of those that get as far, every how manieth may fail.</summary>
    public int Interval { get; init; } = 1;

    /// <summary>How often it may fail at most; -1 for no limit. The default is once.</summary>
    public int Times { get; init; } = 1;

    /// <summary>Until so much has been asked for, each time its size, nothing fails.</summary>
    public int Space { get; init; }

    /// <summary>0: no word in the kernel's log; 1: a message for each failure; 2: with what was going on.</summary>
    public int Verbose { get; init; } = 2;

    /// <summary>Whether only tasks fail that are marked for it (make-it-fail).</summary>
    public bool TaskFilter { get; init; }

    /// <summary>
    /// Which sites or operations may fail, as a pattern; Linux compares addresses (require-start, require-end).
    /// </summary>
    public string Require { get; init; } = "*";

    /// <summary>Which may not (reject-start, reject-end); empty for none.</summary>
    public string Reject { get; init; } = "";
}

/// <summary>A fault point that is switched on.</summary>
/// <param name="Point">Which.</param>
/// <param name="Attr">Its parameters.</param>
public sealed record FaultRule(FaultPoint Point, FaultAttr Attr)
{
    /// <summary>Its own parameters that are given, in the order of <see cref="FaultPoint.Parameters"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>The value of one of its own parameters, given or not.</summary>
    public string Value(string name)
    {
        foreach (KeyValuePair<string, string> given in Parameters)
        {
            if (given.Key == name)
                return given.Value;
        }

        FaultParameter? parameter = Point.Parameters.FirstOrDefault(p => p.Name == name);
        KernelBug.Assert(parameter is not null, $"{Point} has no parameter {name}");
        return parameter.Default;
    }

    /// <summary>As <c>--fault</c> takes it.</summary>
    public override string ToString() => FaultText.Format(this);
}
