using LinuxMem.Actors.Machine;
using LinuxMem.Cli.Seams;
using LinuxMem.Workloads.Lackey;

namespace LinuxMem.Cli.Bindings;

/// <summary>Studies with the policies of the machine.</summary>
internal sealed class MissStudies : IMissStudies
{
    /// <inheritdoc/>
    public MissStudy Run(MissRequest request, CancellationToken cancel)
    {
        var study = new ReferenceStudy(request.Policies, request.Seed);
        var log = new PageReferences();
        log.Read(request.Log, study.Add, cancel);
        return new MissStudy(study.Finish(request.Frames, cancel), log.Rejected, log.RejectedMessages);
    }
}
