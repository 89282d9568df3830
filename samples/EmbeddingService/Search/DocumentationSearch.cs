using Cclm.Inference;
using Cclm.Training.Data;
using EmbeddingService.Api;
using Microsoft.Extensions.Options;

namespace EmbeddingService.Search;

/// <summary>Finds members of the .NET API by what they do. Its index is made in the background, and again when another model is loaded.</summary>
sealed class DocumentationSearch(CclmModel model, IOptions<ServiceOptions> options, ILogger<DocumentationSearch> logger) : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(2);       // as often as the model's file is looked at

    volatile DocumentationIndex? index;
    volatile SearchState state = new(SearchPhase.Building, 0, 0, "The documentation is being read.");

    public SearchState State => state;

    /// <summary>The members nearest to a query.</summary>
    /// <exception cref="ApiException">There is no index, or not yet.</exception>
    public async Task<IReadOnlyList<SearchHit>> FindAsync(string query, int top, CancellationToken cancellation)
    {
        var now = index ?? throw NotReady();
        var vectors = await TextVectors.EmbedAsync(model, [query], "query", cancellation);
        return now.Weights == model.Weights ? now.Find(vectors[0], top) : throw NotReady();        // otherwise the vector may be another model's
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Read() is not { Count: > 0 } members)
        {
            return;
        }
        string? built = null;
        while (true)
        {
            if (built != model.Weights)
            {
                built = await TryBuildAsync(members, stoppingToken);
            }
            await Task.Delay(Every, stoppingToken);
        }
    }

    /// <summary>What is searched: overloads that say the same are one.</summary>
    IReadOnlyList<ApiMember> Read()
    {
        IReadOnlyList<ApiMember> members = [];
        var message = "The search is off (Service:SearchMembers is 0).";
        try
        {
            if (options.Value.SearchMembers > 0)
            {
                var read = options.Value.SearchDocumentation is { } folder ? ApiDocumentation.Read(folder) : ApiDocumentation.Read();
                members = [.. read.DistinctBy(member => member.Summary).Take(options.Value.SearchMembers)];
                message = "The folder of documentation has no members with a summary.";
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            logger.LogWarning(e, "There is no documentation to search.");
            message = "There is no .NET API documentation here to search. Install the .NET SDK, or name a folder of XML documentation in Service:SearchDocumentation.";
        }
        state = members.Count > 0 ? Building(0, members.Count) : new(SearchPhase.Absent, 0, 0, message);
        return members;
    }

    /// <returns>The weights that there is an index of, or can not be one; null where it is to be tried again.</returns>
    async Task<string?> TryBuildAsync(IReadOnlyList<ApiMember> members, CancellationToken cancellation)
    {
        var (weights, towers) = (model.Weights, model.Towers);
        try
        {
            var vectors = await EmbedAsync(members, cancellation);
            if (weights != model.Weights)
            {
                return null;            // loaded meanwhile: some vectors are another model's
            }
            index = new(weights, towers, members, vectors);
            state = new(SearchPhase.Ready, members.Count, members.Count, $"{members.Count:N0} members of the .NET API.");
        }
        catch (TimeoutException)        // the model has enough to do
        {
            return null;
        }
        catch (CclmModelException e)
        {
            logger.LogWarning(e, "The model gives no vectors to search by.");
            state = new(SearchPhase.Absent, 0, members.Count, $"This model can not be searched by. {e.Message}");
        }
        return weights;
    }

    async Task<List<float[]>> EmbedAsync(IReadOnlyList<ApiMember> members, CancellationToken cancellation)
    {
        var vectors = new List<float[]>(members.Count);
        await foreach (var vector in model.EmbedAsync(members.Select(member => member.Summary).ToAsyncEnumerable(), cancellationToken: cancellation))
        {
            vectors.Add(vector);
            state = Building(vectors.Count, members.Count);
        }
        return vectors;
    }

    static SearchState Building(int done, int total) => new(SearchPhase.Building, done, total, $"The index is being made: {done:N0} of {total:N0} members.");

    ApiException NotReady() => state is { Phase: SearchPhase.Absent, Message: var message }
        ? ApiException.Refused(StatusCodes.Status404NotFound, message, code: "nothing_to_search")
        : ApiException.Unavailable("The index of the model that is loaded is being made; GET /v1/search says how far it is.");
}
