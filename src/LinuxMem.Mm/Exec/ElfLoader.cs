using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Syscalls;

namespace LinuxMem.Mm.Exec;

/// <summary>
/// Lays a program out in an empty address space: its segments, its interpreter's, the vdso, the stack, and where heap
/// and mmap area begin.
/// </summary>
/// <remarks>Linux: fs/binfmt_elf.c: load_elf_binary, load_elf_interp, v6.18.</remarks>
public sealed class ElfLoader
{
    private readonly KernelMemory memory;
    private readonly PagingGeometry geometry;
    private readonly ElfMapper mapper;
    private readonly UnmappedArea area;
    private readonly SpecialMappings special;
    private readonly InitialStack stack;

    /// <summary>Over one machine's memory.</summary>
    public ElfLoader(KernelMemory memory, ElfMapper mapper, SpecialMappings special, InitialStack stack)
    {
        this.memory = memory;
        geometry = memory.Geometry;
        this.mapper = mapper;
        area = new UnmappedArea(memory);
        this.special = special;
        this.stack = stack;
    }

    /// <summary>
    /// Maps everything. False where something has no room: the program is past saving then (SIGSEGV). Precondition: the
    /// address space is empty.
    /// </summary>
    public bool TryLoad(ExecProgress exec, ExecPlan plan, out ImageLayout layout)
    {
        layout = default;
        Mm mm = exec.Mm;
        ulong guard = (ulong)memory.Settings.Vm.StackGuardGapPages << geometry.PageShift;
        mm.MmapBase = exec.Randomness.MmapBase(mm.Limits, guard);
        if (!stack.TryMap(exec, plan) || !TryLoadProgram(exec, plan, out ulong bias, out ElfExtent extent))
            return false;
        ulong interpreterBias = 0;
        ElfExtent interpreter = default;
        if (plan.Interpreter is not null && !TryLoadInterpreter(exec, plan, out interpreterBias, out interpreter))
            return false;
        if (area.FindRoom(mm, 0, (ulong)SpecialMappings.AllPages << geometry.PageShift) is not { } vdso)
            return false;
        if (!special.MapAll(mm, vdso, ref exec.Cost) || !stack.TryFill(exec, plan, bias, interpreterBias, extent))
            return false;
        SetHeap(exec, plan, extent);
        layout = new ImageLayout(extent.StartCode, extent.EndCode, extent.StartData, extent.EndData, extent.EndData,
            extent.End, mm.StartBrk, mm.StackTop)
        {
            LoadBias = bias,
            FileStart = extent.Start,
            FileEnd = PageUp(extent.End),
            InterpreterStart = interpreter.Start,
            InterpreterEnd = PageUp(interpreter.End),
            StackPointer = mm.Bounds.StartStack,
            Vdso = mm.Vdso,
        };
        return true;
    }

    private bool TryLoadProgram(ExecProgress exec, ExecPlan plan, out ulong bias, out ElfExtent extent)
    {
        bias = 0;
        extent = default;
        ElfImage image = plan.Program;
        ElfPlace place = ElfPlace.FixedNoReplace;
        ulong total = image.TotalBytes(geometry.PageOffsetMask);
        for (int i = 0; i < image.Segments.Count; i++)
        {
            ElfSegment segment = image.Segments[i];
            bool first = i == 0;
            if (first && image.IsDynamic && (total == 0 || !TryPlace(exec, plan, total, out bias, out place)))
                return false;
            ulong wished = bias + segment.Address;
            ulong at = wished;
            if (!mapper.TryLoad(exec, plan.File, segment, ref at, first ? place : ElfPlace.Fixed,
                first && image.IsDynamic ? total : 0))
                return false;
            if (first && image.IsDynamic)
                bias += at - (wished & ~geometry.PageOffsetMask);
            if (!extent.TryAdd(segment, bias, geometry))
                return false;
        }

        return true;
    }

    // load_bias of the first segment.
    private bool TryPlace(ExecProgress exec, ExecPlan plan, ulong total, out ulong bias, out ElfPlace place)
    {
        ElfImage image = plan.Program;
        ulong alignment = image.MaximumAlignment(geometry.PageOffsetMask);
        place = ElfPlace.FixedNoReplace;
        bias = 0;
        if (plan.Interpreter is not null)
        {
            bias = DynamicBase + (exec.Randomness.ProgramPages << geometry.PageShift);
            if (alignment != 0)
                bias &= ~(alignment - 1);
        }
        else if (alignment > geometry.PageBytes)
        {
            if (mapper.FindRoom(exec.Mm, image.Segments[0], total) is not { } room)
                return false;
            bias = room & ~(alignment - 1);
        }
        else
        {
            place = ElfPlace.Anywhere;
        }

        bias = (bias - image.Segments[0].Address) & ~geometry.PageOffsetMask;
        return true;
    }

    private bool TryLoadInterpreter(ExecProgress exec, ExecPlan plan, out ulong bias, out ElfExtent extent)
    {
        bias = 0;
        extent = default;
        ElfImage image = plan.Interpreter!;
        ulong total = image.TotalBytes(geometry.PageOffsetMask);
        for (int i = 0; i < image.Segments.Count; i++)
        {
            ElfSegment segment = image.Segments[i];
            bool free = i == 0 && image.IsDynamic;
            if (free)
                bias = 0 - segment.Address;
            ulong at = bias + segment.Address;
            if (!mapper.TryLoad(exec, plan.InterpreterFile!, segment, ref at,
                free ? ElfPlace.Anywhere : ElfPlace.Fixed, i == 0 ? total : 0))
                return false;
            if (free)
                bias = at - (segment.Address & ~geometry.PageOffsetMask);
            if (!extent.TryAdd(segment, bias, geometry))
                return false;
        }

        return total != 0;
    }

    // A program that is its own loader gets its heap where programs usually lie, out of the way of the mmap area.
    private void SetHeap(ExecProgress exec, ExecPlan plan, in ElfExtent extent)
    {
        bool moved = plan.Program.IsDynamic && plan.Interpreter is null;
        ulong start = PageUp(moved ? DynamicBase : extent.End);
        if (exec.Randomness.MovesHeap)
            start += (exec.Randomness.HeapPages << geometry.PageShift) + (moved ? 0 : geometry.PageBytes);
        exec.Mm.StartBrk = start;
        exec.Mm.Brk = start;
    }

    // ELF_ET_DYN_BASE: two thirds up the address space.
    private ulong DynamicBase => geometry.MapWindowEnd / 3 * 2;

    private ulong PageUp(ulong bytes) => (bytes + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
}
