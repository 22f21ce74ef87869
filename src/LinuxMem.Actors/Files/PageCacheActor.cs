using Akka.Actor;
using LinuxMem.Actors.Messages;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Actors.Files;

/// <summary>The owner of the page cache: answers the kernel's questions in order.</summary>
public sealed class PageCacheActor : UntypedActor
{
    private readonly PageCache cache;

    /// <summary>Around the cache, which lives longer than the actor.</summary>
    public PageCacheActor(PageCache cache) => this.cache = cache;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not PageCacheRequest request)
        {
            Unhandled(message);
            return;
        }

        Answer(cache, request);
        Sender.Tell(request, Self);
    }

    /// <summary>Answers a question out of a cache; new pages go in first.</summary>
    internal static void Answer(PageCache cache, PageCacheRequest request)
    {
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
