using System.Text;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>uname(buf): which kernel this is.</summary>
/// <remarks>Linux: kernel/sys.c: newuname, override_release; include/uapi/linux/utsname.h, v6.18.</remarks>
public sealed class UnameCall(UserStructs structs)
{
    private const int FieldBytes = 65;
    private const ulong Uname26 = 0x20000; // UNAME26

    /// <summary>The release of this kernel.</summary>
    public const string Release = "6.18.0";

    /// <summary>Writes the names, each in 65 bytes: EFAULT.</summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        bool isOld = (call.Task.Personality & Uname26) != 0;
        string[] fields = ["Linux", "linuxmem", isOld ? "2.6.78" : Release, "#1 SMP", "x86_64", "(none)"];
        byte[] bytes = new byte[fields.Length * FieldBytes];
        for (int i = 0; i < fields.Length; i++)
            Encoding.ASCII.GetBytes(fields[i], bytes.AsSpan(i * FieldBytes, FieldBytes - 1));
        return structs.Finish(call, call.Request.A0, bytes);
    }
}
