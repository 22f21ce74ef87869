using System.Text;
using LinuxMem.Abi;

namespace LinuxMem.Mm.Exec;

/// <summary>
/// The strings that execve puts at the top of the new stack, from the top down: the file's name, the environment, the
/// arguments.
/// </summary>
/// <remarks>
/// Linux: fs/exec.c: bprm_stack_limits, copy_strings, copy_string_kernel, remove_arg_zero, v6.18. Offsets count from
/// the top of the stack, whose place is chosen later.
/// </remarks>
public sealed class ArgumentStack
{
    // Linux: include/uapi/linux/binfmts.h: MAX_ARG_STRLEN; include/linux/limits.h: ARG_MAX; _STK_LIM, v6.18.
    private const ulong StringPagesMax = 32;
    private const ulong BytesMin = 131072;
    private const ulong BytesMax = (8UL << 20) / 4 * 3;
    private const ulong WordBytes = 8;
    private readonly ulong pageBytes;
    private readonly List<(ulong Below, byte[] Bytes)> strings = [];
    private ulong roomBytes;

    /// <summary>An empty stack: one word at the top is left out, as in Linux.</summary>
    public ArgumentStack(ulong pageBytes)
    {
        this.pageBytes = pageBytes;
        Below = WordBytes;
    }

    /// <summary>How far below the top the lowest string begins, in bytes.</summary>
    public ulong Below { get; private set; }

    /// <summary>How far below the top the name of the file is (AT_EXECFN).</summary>
    public ulong FileNameBelow { get; private set; }

    /// <summary>Arguments, argv[0] first; each by its distance from the top.</summary>
    public List<ulong> Arguments { get; } = [];

    /// <summary>Environment strings, each by its distance from the top.</summary>
    public List<ulong> Environment { get; } = [];

    /// <summary>How far below the top the environment ends: the file's name begins there.</summary>
    public ulong EnvironmentEndBelow => FileNameBelow;

    /// <summary>Every string with its terminating zero.</summary>
    public IReadOnlyList<(ulong Below, byte[] Bytes)> Strings => strings;

    /// <summary>Pushes what execve was given. E2BIG where strings or their sum are too long.</summary>
    public Errno Fill(string fileName, IReadOnlyList<string> arguments, IReadOnlyList<string> environment,
        ulong stackLimitBytes)
    {
        ulong limit = Math.Max(Math.Min(BytesMax, stackLimitBytes / 4), BytesMin);
        ulong pointers = ((ulong)Math.Max(arguments.Count, 1) + (ulong)environment.Count) * WordBytes;
        if (limit <= pointers)
            return Errno.E2BIG;
        roomBytes = WordBytes + limit - pointers;
        if (!Push(fileName))
            return Errno.E2BIG;
        FileNameBelow = Below;
        for (int i = environment.Count - 1; i >= 0; i--)
        {
            if (!Push(environment[i]))
                return Errno.E2BIG;
            Environment.Insert(0, Below);
        }

        for (int i = arguments.Count - 1; i >= 0; i--)
        {
            if (!PushArgument(arguments[i]))
                return Errno.E2BIG;
        }

        return arguments.Count > 0 || PushArgument("") ? Errno.None : Errno.E2BIG;
    }

    /// <summary>
    /// Puts the path of a script in place of argv[0], and its interpreter with its argument before it. E2BIG where
    /// there is no room.
    /// </summary>
    public Errno Interpret(string scriptPath, in ScriptLine line)
    {
        Below = Arguments.Count > 1 ? Arguments[1] : Environment.Count > 0 ? Environment[0] : FileNameBelow;
        Arguments.RemoveAt(0);
        strings.RemoveAll(s => s.Below > Below);
        bool fits = PushArgument(scriptPath) && (line.Argument is null || PushArgument(line.Argument))
            && PushArgument(line.Interpreter);
        return fits ? Errno.None : Errno.E2BIG;
    }

    private bool PushArgument(string text)
    {
        if (!Push(text))
            return false;
        Arguments.Insert(0, Below);
        return true;
    }

    private bool Push(string text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        if ((ulong)bytes.Length > StringPagesMax * pageBytes)
            return false;
        Below += (ulong)bytes.Length;
        strings.Add((Below, bytes));
        return Below <= roomBytes;
    }
}
