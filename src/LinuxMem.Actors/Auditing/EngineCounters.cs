using LinuxMem.Actors.Messages;

namespace LinuxMem.Actors.Auditing;

/// <summary>What the kernel's side of the engine counts of itself, for the audit.</summary>
public sealed class EngineCounters
{
    /// <summary>Messages sent to CPUs.</summary>
    public long GrantsSent { get; set; }

    /// <summary>Reports that came back.</summary>
    public long ReportsDelivered { get; set; }

    /// <summary>Questions sent to the page cache.</summary>
    public long QuestionsSent { get; set; }

    /// <summary>Answers that came back.</summary>
    public long AnswersDelivered { get; set; }

    /// <summary>The order in which answers come from the page cache.</summary>
    public MessageOrder Answers { get; } = new();

    /// <summary>Questions that came to the page cache after later ones.</summary>
    public long QuestionsOvertaken { get; set; }

    /// <summary>Messages sent to block devices.</summary>
    public long DeviceExchanges { get; set; }

    /// <summary>Answers that came back from them.</summary>
    public long DeviceAnswers { get; set; }

    /// <summary>Messages between the kernel and block devices that came after later ones, either way.</summary>
    public long DevicesOvertaken { get; set; }

    /// <summary>Messages sent to the owner of swap.</summary>
    public long SwapExchanges { get; set; }

    /// <summary>Answers that came back from it.</summary>
    public long SwapAnswers { get; set; }

    /// <summary>Messages to it that came after later ones.</summary>
    public long SwapOvertaken { get; set; }

    /// <summary>Traps taken up.</summary>
    public long TrapsBegun { get; set; }

    /// <summary>Traps served.</summary>
    public long TrapsServed { get; set; }

    /// <summary>Traps and events taken up, in order.</summary>
    public long Steps { get; set; }
}
