using System.Collections.Immutable;
using LinuxMem.Workloads.Programs.Steps;

namespace LinuxMem.Workloads.Programs;

/// <summary>The place in a tree of steps: a stack of the loops that enclose the current step.</summary>
internal sealed class StepCursor
{
    private Frame[] frames = new Frame[2];
    private int depth;

    public StepCursor(ImmutableArray<Step> steps) => Push(steps, 1);

    /// <summary>The step to do; null after the last. Never a loop: those are entered at once.</summary>
    public Step? Current { get; private set; }

    /// <summary>Goes on to the next step: through the ends of loops and into new ones.</summary>
    public void MoveNext()
    {
        frames[depth - 1].Index++;
        Settle();
    }

    private void Settle()
    {
        while (true)
        {
            ref Frame top = ref frames[depth - 1];
            if (top.Index < top.Steps.Length)
            {
                Step step = top.Steps[top.Index];
                if (step is not LoopStep loop)
                {
                    Current = step;
                    return;
                }

                Add(loop.Steps, loop.Times);
                continue;
            }

            if (--top.TimesLeft > 0)
            {
                top.Index = 0;
            }
            else if (depth == 1)
            {
                Current = null;
                return;
            }
            else
            {
                depth--;
                frames[depth - 1].Index++;
            }
        }
    }

    private void Push(ImmutableArray<Step> steps, ulong times)
    {
        Add(steps, times);
        Settle();
    }

    private void Add(ImmutableArray<Step> steps, ulong times)
    {
        if (depth == frames.Length)
            Array.Resize(ref frames, depth * 2);
        frames[depth++] = new Frame { Steps = steps, TimesLeft = (long)times };
    }

    private struct Frame
    {
        public ImmutableArray<Step> Steps;
        public int Index;
        public long TimesLeft;
    }
}
