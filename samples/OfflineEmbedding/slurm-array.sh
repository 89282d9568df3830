#!/bin/bash
#SBATCH --job-name=embed
#SBATCH --array=1-4
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:TERM@60
#SBATCH --output=embed-%a.log
# A task is a shard. One that was preempted, killed or requeued goes on where it was; one that is done is skipped.
# The signal: a minute before its time is over a task ends by itself, and says so in its log.
exec ${CCLM:-cclm} embed model.onnx --input 'data/*.jsonl.gz' --output vectors.parquet --shard auto
