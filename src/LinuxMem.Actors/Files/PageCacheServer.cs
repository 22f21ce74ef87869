using LinuxMem.Actors.Messages;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Actors.Files;

/// <summary>Answers the kernel's questions out of a page cache. Lives longer than the actor around it.</summary>
public sealed class PageCacheServer
{
    private PageCache cache = new();
    private readonly MessageOrder questions = new();
    private long answered;
    private long answers;

    /// <summary>A crash has lost all that it knew.</summary>
    public void Lose() => cache = new PageCache();

    /// <summary>
    /// Answers a question; new pages go in first. One that is answered already, and comes again because the actor
    /// crashed before it sent the answer, is left as it is.
    /// </summary>
    public void Answer(PageCacheRequest request)
    {
        questions.Take(request.Number);
        request.QuestionsOvertaken = questions.Overtaken;
        if (request.Number == answered)
            return;
        answered = request.Number;
        request.AnswerNumber = ++answers;
        foreach (PageInsert insert in request.Inserts)
            cache.Insert(insert);
        request.Inserts.Clear();
        switch (request.Question)
        {
            case PageCacheQuestion.Lookup:
                cache.Lookup(request.MappingId, request.First, request.Pages.AsSpan(0, request.Count));
                break;
            case PageCacheQuestion.Find:
                cache.Find(request.MappingId, request.First, request.Pages.AsSpan(0, request.Count));
                break;
            case PageCacheQuestion.Drop:
                request.Dropped.Clear();
                cache.Drop(request.MappingId, request.Dropped);
                break;
            default:
                request.Exported.Clear();
                cache.Export(request.Exported);
                break;
        }
    }
}
