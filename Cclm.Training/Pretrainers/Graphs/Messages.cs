using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>The neighbourhoods of a batch side by side: M nodes, E messages between them.</summary>
/// <param name="From">The node that each message comes from [E].</param>
/// <param name="To">The node that it goes to [E].</param>
/// <param name="Drawn">How many messages go to each node [M].</param>
/// <param name="Degrees">How many neighbours each node has, drawn or not [M].</param>
/// <param name="Asked">The nodes that are asked about [A], in the order of the examples.</param>
sealed record Messages(Tensor From, Tensor To, Tensor Drawn, Tensor Degrees, Tensor Asked)
{
    /// <param name="neighbourhoods">One of each example.</param>
    /// <param name="asked">How many nodes each is about.</param>
    /// <param name="device">Where to.</param>
    public static Messages Of(IReadOnlyList<Neighbourhood> neighbourhoods, int asked, Device device)
    {
        List<long> from = [], to = [], roots = [];
        List<float> drawn = [], degrees = [];
        foreach (var around in neighbourhoods)
        {
            var first = drawn.Count;
            roots.AddRange(Enumerable.Range(first, asked).Select(root => (long)root));
            drawn.AddRange(new float[around.Nodes.Count]);
            degrees.AddRange(around.Degrees.Select(degree => (float)degree));
            foreach (var message in around.Messages)
            {
                from.Add(first + message.From);
                to.Add(first + message.To);
                drawn[first + message.To]++;
            }
        }
        return new(Places(from), Places(to), Numbers(drawn), Numbers(degrees), Places(roots));

        Tensor Places(List<long> values) => tensor(values.ToArray(), device: device);

        Tensor Numbers(List<float> values) => tensor(values.ToArray(), device: device);
    }

    /// <summary>Adds up what each node is sent: [E,..] -> [M,..].</summary>
    public Tensor Sum(Tensor sent) => zeros([Drawn.shape[0], .. sent.shape[1..]], device: sent.device).index_add(0, To, sent, Scalars.One);
}
