using LinuxMem.Actors.Messages;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Simulation;

namespace LinuxMem.Actors.Kernel;

/// <content>Questions to the page cache, with nothing else under way, and its answers.</content>
public sealed partial class KernelLoop
{
    /// <summary>Takes the page cache's answer and goes on where the question arose.</summary>
    public void OnPageCache(PageCacheRequest answer)
    {
        KernelBug.Assert(answerDue, "I49 violated: the page cache answers without a question");
        answerDue = false;
        audit.Counters.AnswersDelivered++;
        audit.Counters.Answers.Take(answer.AnswerNumber);
        audit.Counters.QuestionsOvertaken = answer.QuestionsOvertaken;
        switch (answer.Question)
        {
            case PageCacheQuestion.Lookup or PageCacheQuestion.Find:
                ServeTrap(answer.Pages.AsSpan(0, answer.Count));
                break;
            case PageCacheQuestion.Drop:
                foreach (Pfn page in answer.Dropped)
                    kernel.Memory.DropCached(page, 0);
                break;
            default:
                audit.Check(answer.Exported, ending, ending || pauses.RunIsOver);
                break;
        }

        RunPhase();
    }

    // What is to be asked before anything else is served.
    private bool AsksFirst()
    {
        if (kernel.Objects.Dead.Count > 0)
            AskDrop();
        else if (audit.IsOverdue)
            AskForAudit();
        else
            return false;
        return true;
    }

    private void AskForAudit()
    {
        if (kernel.Memory.Swap.Areas.Length > 0)
            swap.Export();
        else
            AskExport();
    }

    private void AskExport()
    {
        request.Question = PageCacheQuestion.Export;
        Ask();
    }

    private void AskDrop()
    {
        AddressSpace dead = kernel.TakeDead();
        request.Question = PageCacheQuestion.Drop;
        request.MappingId = dead.Id;
        Ask();
    }

    private void Ask()
    {
        request.Inserts.AddRange(kernel.Inserts);
        kernel.Inserts.Clear();
        answerDue = true;
        request.Number = ++audit.Counters.QuestionsSent;
        ports.Ask(request);
    }
}
