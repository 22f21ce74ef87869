using LinuxMem.Abi;
using LinuxMem.Arch.Paging;

namespace LinuxMem.Mm.Exec;

/// <summary>
/// What an execve has found out before it gives the old image up: the files it needs and the strings for the stack.
/// </summary>
/// <remarks>Linux: fs/exec.c: do_execveat_common, bprm_execve, exec_binprm; fs/binfmt_elf.c, v6.18.</remarks>
public sealed record ExecPlan
{
    // Linux: fs/exec.c: exec_binprm: this allows 4 levels of binfmt rewrites before failing hard.
    private const int RewritesMax = 5;
    private const int CommMax = 15;

    /// <summary>The ELF file that runs.</summary>
    public required ExecFile File { get; init; }

    /// <summary>Its headers.</summary>
    public required ElfImage Program { get; init; }

    /// <summary>The ELF interpreter's file, or null.</summary>
    public ExecFile? InterpreterFile { get; init; }

    /// <summary>Its headers, or null.</summary>
    public ElfImage? Interpreter { get; init; }

    /// <summary>Arguments and environment.</summary>
    public required ArgumentStack Strings { get; init; }

    /// <summary>The command name: the last part of the path that was asked for.</summary>
    public required string Comm { get; init; }

    /// <summary>
    /// Looks at everything that can fail with the old image still there: ENOENT, EACCES, E2BIG, ENOEXEC, ELOOP, EIO,
    /// ELIBBAD.
    /// </summary>
    public static Errno Make(SyscallOperands operands, PagingGeometry geometry, ulong stackLimitBytes,
        out ExecPlan? plan)
    {
        plan = null;
        string path = operands.Path!;
        Errno error = ExecFile.Open(path, operands, true, out ExecFile? file);
        if (error != Errno.None)
            return error;
        var strings = new ArgumentStack(geometry.PageBytes);
        error = strings.Fill(path, operands.Arguments ?? [], operands.Environment ?? [], stackLimitBytes);
        if (error == Errno.None)
            error = FollowScripts(operands, path, strings, ref file);
        if (error != Errno.None)
            return error;
        // Other machines have other ELF files, of which nothing is known here.
        if (geometry.VirtualBits < 48)
            return Errno.ENOEXEC;
        error = ElfReader.ReadProgram(file!, out ElfImage? program);
        if (error != Errno.None)
            return error;
        ExecFile? interpreterFile = null;
        ElfImage? interpreter = null;
        if (program!.Interpreter is { } wanted)
        {
            error = ExecFile.Open(wanted, operands, false, out interpreterFile);
            if (error == Errno.None)
                error = ElfReader.ReadInterpreter(interpreterFile!, out interpreter);
            if (error != Errno.None)
                return error;
        }

        string comm = path[(path.LastIndexOf('/') + 1)..];
        plan = new ExecPlan
        {
            File = file!,
            Program = program,
            InterpreterFile = interpreterFile,
            Interpreter = interpreter,
            Strings = strings,
            Comm = comm.Length > CommMax ? comm[..CommMax] : comm,
        };
        return Errno.None;
    }

    private static Errno FollowScripts(SyscallOperands operands, string path, ArgumentStack strings,
        ref ExecFile? file)
    {
        byte[] buffer = new byte[ScriptLine.BufferBytes];
        for (int depth = 0; ; depth++)
        {
            if (depth > RewritesMax)
                return Errno.ELOOP;
            Array.Clear(buffer);
            file!.ReadSome(0, buffer);
            if (!ScriptLine.IsScript(buffer))
                return Errno.None;
            Errno error = ScriptLine.Read(buffer, out ScriptLine line);
            if (error == Errno.None)
                error = strings.Interpret(path, line);
            if (error == Errno.None)
                error = ExecFile.Open(line.Interpreter, operands, false, out file);
            if (error != Errno.None)
                return error;
            path = line.Interpreter;
        }
    }
}
