using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>Takes over a path from the caller.</summary>
/// <remarks>
/// Linux: fs/namei.c: getname_flags, v6.18. A trace knows the text: its memory is touched where the address is known
/// (not 0), as reading it would. Without a text it is read from memory.
/// </remarks>
public sealed class PathOperand
{
    private const int LengthMax = 4096;
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public PathOperand(FileServices services) => this.services = services;

    /// <summary>The path; null if it was refused, with the call's result set (EFAULT, ENAMETOOLONG, ENOENT).</summary>
    public string? Path { get; private set; }

    /// <summary>Takes a path over.</summary>
    public IEnumerator<PageLookup> Take(CallProgress call, ulong address, string? text, bool mayBeEmpty = false)
    {
        Path = null;
        bool unknown = text is not null && (address == 0 || call.Operands is { BuffersUnknown: true });
        if (!unknown)
        {
            byte[] bytes = new byte[text is null ? 1 : Encoding.UTF8.GetByteCount(text) + 1];
            var read = new List<byte>();
            do
            {
                int copiedBefore = call.Operands?.Copied.Count ?? 0;
                ulong from = address + (ulong)read.Count;
                for (var steps = services.Copy.CopyFromUser(call, from, bytes); steps.MoveNext();)
                    yield return steps.Current;
                if (call.Copied < (ulong)bytes.Length)
                {
                    call.Fail(Errno.EFAULT);
                    yield break;
                }

                call.Operands?.Copied.RemoveRange(copiedBefore, call.Operands.Copied.Count - copiedBefore);
                read.AddRange(bytes);
            }
            while (text is null && read[^1] != 0 && read.Count < LengthMax);
            text ??= Encoding.UTF8.GetString(read.ToArray(), 0, read.Count - 1);
        }

        if (text!.Length >= LengthMax)
            call.Fail(Errno.ENAMETOOLONG);
        else if (text.Length == 0 && !mayBeEmpty)
            call.Fail(Errno.ENOENT);
        else
            Path = text;
    }
}
