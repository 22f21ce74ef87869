using System.Globalization;
using System.Text;

namespace LinuxMem.Workloads.Mmfuzz;

/// <summary>How mmfuzz was started: all that decides what it does.</summary>
/// <param name="Seed">First argument.</param>
/// <param name="Steps">Second argument: how many steps the first process makes.</param>
/// <param name="Mode">Third argument.</param>
/// <param name="StringBytes">Bytes of file name, arguments and environment on the stack, with their zeros.</param>
public sealed record MmfuzzCommand(uint Seed, uint Steps, string Mode, ulong StringBytes)
{
    private const string Name = "mmfuzz";

    /// <summary>Reads an execve's operands; null if they do not start mmfuzz with three good arguments.</summary>
    public static MmfuzzCommand? Of(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        if (arguments.Count != 4 || path[(path.LastIndexOf('/') + 1)..] != Name ||
            !TryNumber(arguments[1], out uint seed) || !TryNumber(arguments[2], out uint steps))
            return null;
        int bytes = Bytes(path) + arguments.Sum(Bytes) + environment.Sum(Bytes);
        return new MmfuzzCommand(seed, steps, arguments[3], (ulong)bytes);
    }

    private static bool TryNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static int Bytes(string text) => Encoding.UTF8.GetByteCount(text) + 1;
}
