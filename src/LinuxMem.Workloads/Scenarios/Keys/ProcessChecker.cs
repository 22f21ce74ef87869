using System.Collections.Immutable;
using LinuxMem.Abi;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Json;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>
/// Checks what no single value shows: that steps use regions and children which earlier steps made, and how many tasks
/// there will be.
/// </summary>
internal static class ProcessChecker
{
    /// <summary>Whether all is well; mistakes are added to the reading's errors.</summary>
    public static bool Check(ImmutableArray<ProcessGroup> groups, ReadContext context)
    {
        bool isSound = true;
        UInt128 tasks = 0;
        foreach (ProcessGroup group in groups)
        {
            isSound &= new Scope(group.Program.Image, context).Check(group.Program.Steps);
            UInt128 before = tasks;
            tasks += group.Count * (1 + TasksOf(group.Program.Steps));
            if (before <= TaskStepKeys.TasksMax && tasks > TaskStepKeys.TasksMax)
            {
                context.Errors.Add(context.PositionOf(group),
                    $"up to here the scenario starts {tasks} tasks; expected at most {TaskStepKeys.TasksMax} in all");
                isSound = false;
            }
        }

        return isSound;
    }

    /// <summary>
    /// How many tasks steps start; a number that no longer fits stays at a bound far above the limit.
    /// </summary>
    private static UInt128 TasksOf(ImmutableArray<Step> steps)
    {
        UInt128 bound = ulong.MaxValue;
        UInt128 tasks = 0;
        foreach (Step step in steps)
        {
            UInt128 added = step switch
            {
                LoopStep loop => loop.Times * TasksOf(loop.Steps),
                SpawnStep spawn => spawn.Count * (1 + TasksOf(spawn.Steps)),
                ExecStep exec => TasksOf(exec.Program.Steps),
                _ => 0,
            };
            tasks = UInt128.Min(bound, tasks + added);
        }

        return tasks;
    }

    /// <summary>The names that a program knows at a step.</summary>
    private sealed class Scope
    {
        private readonly ReadContext context;
        private readonly List<string> regions;
        private readonly List<string> children = [];
        private readonly List<string> files = [];

        public Scope(ImageSpec image, ReadContext context)
        {
            this.context = context;
            regions = [];
            AddIf(image.TextBytes > 0, "text");
            AddIf(image.DataBytes > 0, "data");
            AddIf(image.BssBytes > 0, "bss");
            AddIf(image.HasStack, "stack");
        }

        private Scope(Scope parent)
        {
            context = parent.context;
            regions = [.. parent.regions];
            files = [.. parent.files];
        }

        public bool Check(ImmutableArray<Step> steps)
        {
            bool isSound = true;
            foreach (Step step in steps)
                isSound &= Check(step);
            return isSound;
        }

        private bool Check(Step step)
        {
            switch (step)
            {
                case MmapStep { File: { } mapped } when !KnowsFile(mapped, step):
                    return false;
                case MmapStep { Name: { } name }:
                    return AddIf(!regions.Contains(name), name);
                case SyscallStep call:
                    return KnowsAll(call);
                case OpenStep open:
                    files.Add(open.Name);
                    return true;
                case FileIoStep io:
                    return KnowsFile(io.File, step);
                case FileCallStep file:
                    return KnowsFile(file.File, step);
                case AllocateStep { Name: { } name }:
                    return AddIf(!regions.Contains(name), name);
                case ReallocStep realloc:
                    return Knows(realloc.Region, step);
                case FreeStep free:
                    return Knows(free.Region, step);
                case BrkStep:
                    return AddIf(!regions.Contains("heap"), "heap");
                case RegionCallStep region:
                    return Knows(region.Region, step);
                case AccessStep access:
                    return Knows(access.Region, step);
                case StackStep:
                    return Knows("stack", step);
                case LoopStep loop:
                    return Check(loop.Steps);
                case SpawnStep spawn:
                    if (spawn is ForkStep { Name: { } child })
                        children.Add(child);
                    return new Scope(this).Check(spawn.Steps);
                case ExecStep exec:
                    return new Scope(exec.Program.Image, context).Check(exec.Program.Steps);
                case WaitStep { Name: { } awaited } when !children.Contains(awaited):
                    context.Errors.Add(context.PositionOf(step), $"no earlier fork is named {Quoting.Quote(awaited)}; "
                        + (children.Count == 0
                            ? "expected a fork step with \"as\" before"
                            : Suggestion.For(awaited, children)));
                    return false;
                default:
                    return true;
            }
        }

        private bool AddIf(bool isNew, string name)
        {
            if (isNew)
                regions.Add(name);
            return true;
        }

        private bool KnowsAll(SyscallStep call)
        {
            bool isSound = true;
            foreach (CallArgument argument in call.AllArguments)
            {
                isSound &= argument.Kind switch
                {
                    ArgumentKind.Region => Knows(argument.Name, call),
                    ArgumentKind.File => KnowsFile(argument.Name, call),
                    _ => true,
                };
            }

            if (call.File is { } file)
                files.Add(file);
            if (call is { File: { } pipe, Nr: SyscallNr.Pipe2 })
                files.Add(pipe + SyscallStep.WriteEnd);
            if (call.Nr == SyscallNr.Brk)
                AddIf(!regions.Contains("heap"), "heap");
            return call.Region is { } name ? AddIf(!regions.Contains(name), name) && isSound : isSound;
        }

        private bool KnowsFile(string file, Step step)
        {
            if (files.Contains(file))
                return true;
            context.Errors.Add(context.PositionOf(step), $"no earlier open names a file {Quoting.Quote(file)}; "
                + (files.Count == 0 ? "expected an open step with \"as\" before" : Suggestion.For(file, files)));
            return false;
        }

        private bool Knows(string region, Step step)
        {
            if (regions.Contains(region))
                return true;
            string hint = region == "heap" ? "expected a brk step before" : Suggestion.For(region, regions);
            context.Errors.Add(context.PositionOf(step),
                $"there is no region {Quoting.Quote(region)} at this step; {hint}");
            return false;
        }
    }
}
