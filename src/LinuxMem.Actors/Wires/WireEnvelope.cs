namespace LinuxMem.Actors.Wires;

/// <summary>A message between two actors on a machine whose messages may be lost, doubled or late.</summary>
/// <param name="Wires">On whose wires.</param>
/// <param name="Pair">From whom to whom.</param>
/// <param name="Number">Its number among the pair's messages, from 1: its identity. A copy has the same.</param>
/// <param name="Message">The message. Whoever has taken a message of that number already must not look at it: it is
/// somebody else's by then.</param>
/// <param name="IsCopy">Whether it is the second of two, for the accounts.</param>
public sealed record WireEnvelope(MachineWires Wires, string Pair, long Number, object Message, bool IsCopy);

/// <summary>Nothing is left to do, and answers are due: who asked is to ask again.</summary>
public sealed record AskAgain;

/// <summary>Nothing is left to do, answers are due, and nobody asks again.</summary>
/// <param name="Reason">What is waited for.</param>
public sealed record NobodyAnswers(string Reason);
